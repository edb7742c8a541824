import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { groceryRow, readAmazonGrocery } from '../../bench/support/amazon-grocery.js';
import { Popularity } from '../../src/ml/recommenders/popularity.js';
import { leaveLatestOut } from '../../src/ml/splits/leave-latest-out.js';
import { recommenderFixture } from '../support/recommender-fixture.js';
import { describeWithData } from '../support/shared-data.js';

describeWithData('Amazon Grocery in the split of ReChorus', (folder) => {
  const data = readAmazonGrocery(join(folder, 'amazon_grocery_rechorus'));

  it('is read whole, each held-out row later than what is before it', () => {
    const { training, heldOut, meta } = data;
    expect(training).toMatchObject({ userCount: 14_681, itemCount: 8_713 });
    // the first line of train.csv is 2177,3,965779200
    expect([training.users[0], training.items[0], training.timestamps[0]]).toEqual([
      2176, 2, 965_779_200_000,
    ]);
    expect([training.users.length, heldOut.users.length]).toEqual([121_892, 14_681]);
    expect([meta.categories[2], [...meta.complements[2]!].slice(0, 2), meta.substitutes[2]?.[0]]).toEqual([
      ...[21, [4878, 7577], 15],
    ]);
  });

  it('draws 99 distinct negatives that the user did not take, the same for the same seed', () => {
    const { training, heldOut } = data;
    const taken = new Set(training.users.map((user, row) => user * 8_713 + training.items[row]!));
    heldOut.users.forEach((user, i) => {
      const negatives = heldOut.negatives.subarray(heldOut.offsets[i], heldOut.offsets[i + 1]);
      expect(new Set(negatives).size).toBe(99);
      expect(negatives.includes(heldOut.items[i]!)).toBe(false);
      expect(negatives.some((item) => taken.has(user * 8_713 + item))).toBe(false);
    });
    const again = readAmazonGrocery(join(folder, 'amazon_grocery_rechorus'));
    expect(again.heldOut).toEqual(heldOut);
  });

  it('puts popularity where an independent count does, and leaves a validation part to cut', async () => {
    const model = await new Popularity().fit(data.training, { ...recommenderFixture.context, seed: 1 });
    const { hr5, ndcg5 } = await groceryRow('POPULARITY', model, data.heldOut);
    // an independent script gives .240 on dev with draws of its own; the published .2065 / .1301 are of the test part
    expect(Math.abs(hr5 - 0.24)).toBeLessThan(0.01);
    expect(ndcg5).toBeLessThan(hr5);
    const { heldOut } = await leaveLatestOut(data.training, { seed: 1 });
    expect(heldOut.users).toHaveLength(14_681);
  });
});
