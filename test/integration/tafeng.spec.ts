import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { readTaFeng, tafengRows, validationOf } from '../../bench/support/tafeng.js';
import { recommenderFixture } from '../support/recommender-fixture.js';
import { describeWithData } from '../support/shared-data.js';

describeWithData('the next basket of Ta-Feng', (folder) => {
  it('is measured as published, and predicted better than by personal and global frequency', async () => {
    const split = readTaFeng(join(folder, 'tafeng_nbr'));
    expect(split.training).toMatchObject({ userCount: 13_858, itemCount: 11_997 });
    // the yardsticks on all users, NEXT_BASKET on every 20th: that is enough to tell it from them
    const all = await tafengRows(split, { ...recommenderFixture.context, seed: 1 }, { every: 20 });
    const figuresOf = (method: string): unknown => {
      const { recall10, ndcg10, phr10, recall20, ndcg20, phr20 } = all.find((row) => row.method === method)!;
      return [recall10, ndcg10, phr10, recall20, ndcg20, phr20].map((figure) => Number(figure.toFixed(4)));
    };
    // SOURCE.md of the data, computed by the code of Li et al.
    expect(figuresOf('G-TopFreq')).toEqual([0.0803, 0.0842, 0.2489, 0.1071, 0.0937, 0.3284]);
    expect(figuresOf('P-TopFreq')).toEqual([0.1062, 0.0953, 0.3513, 0.1392, 0.1095, 0.4347]);
    expect(figuresOf('GP-TopFreq')).toEqual([0.1195, 0.1007, 0.3721, 0.1684, 0.1202, 0.4846]);
    expect(all.find(({ method }) => method === 'NEXT_BASKET')?.recall10).toBeGreaterThan(0.1195);
  }, 120_000);

  it('is chosen for on baskets that are before it', () => {
    const split = readTaFeng(join(folder, 'tafeng_nbr'));
    const { training, baskets } = validationOf(split);
    expect(baskets.users).toHaveLength(13_858);
    expect(training.users.length + baskets.items.length).toBe(split.training.users.length);
  }, 60_000);
});
