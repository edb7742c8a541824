/**
 * How well do the recommenders rank, each beside the others and the baselines, on public data and on the demo?
 *
 * npm run bench -- recommender-accuracy [-- --data movielens1m_ncf] [--part validation] [--learner NAME] [--seed 1]
 *
 * Hyperparameters were chosen by `--part validation`, which scores a part cut from the training rows; the default
 * scores the test part. docs/recommender-accuracy.md has the protocols, published figures and what was chosen how.
 */
import { parseArgs } from 'node:util';

import type { AccuracyRow, Part } from './support/accuracy-row.js';
import { AMAZON_CANDIDATES, DEMO_CANDIDATES, MOVIELENS_CANDIDATES } from './support/accuracy-candidates.js';
import { amazonAccuracy } from './support/amazon-accuracy.js';
import { demoAccuracy } from './support/demo-accuracy.js';
import { movieLensAccuracy } from './support/movielens-accuracy.js';
import { report, say } from './support/report.js';
import { tafengAccuracy } from './support/tafeng-accuracy.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    part: { type: 'string', default: 'test' },
    learner: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});
const part: Part = values.part === 'validation' ? 'validation' : 'test';
const options = { seed: Number(values.seed), threads: Number(values.threads) };
const chosen = <T extends { readonly name: string }>(candidates: readonly T[]): readonly T[] =>
  candidates.filter(({ name }) => values.learner === undefined || name === values.learner);

const DATA: Readonly<Record<string, () => Promise<AccuracyRow[]>>> = {
  movielens1m_ncf: async () => movieLensAccuracy(chosen(MOVIELENS_CANDIDATES), part, options),
  amazon_grocery_rechorus: async () => amazonAccuracy(chosen(AMAZON_CANDIDATES), part, options),
  tafeng_nbr: async () => tafengAccuracy(part, options),
  demo_marketplace: async () => demoAccuracy(chosen(DEMO_CANDIDATES), options),
};

const names = values.data === undefined ? Object.keys(DATA) : [values.data];
const rows: AccuracyRow[] = [];
for (const name of names) {
  const run = DATA[name];
  if (!run)
    throw new Error(`Expected --data to be one of ${Object.keys(DATA).join(', ')}, received ${name}.`);
  const added = await run();
  if (added.length === 0) say(`${name} is not there, or no learner was chosen: no row.`);
  rows.push(...added);
}
report({ part, seed: options.seed, threads: options.threads, rows });
