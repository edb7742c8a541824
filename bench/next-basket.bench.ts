/**
 * How well does NEXT_BASKET foresee the next basket of Ta-Feng, and how fast?
 *
 * npm run bench -- next-basket [--validation] [--hyperparameters '{"alpha":0.1}'] [--every 1]
 *
 * By the protocol of Li et al. (TOIS 2023) on all users, beside their yardsticks. `--validation` takes the last
 * basket of each history for the one to predict: what hyperparameters are to be chosen on. `seconds` is the time of
 * fitting and of 13,858 lists on one thread.
 */
import { parseArgs } from 'node:util';

import { WasmKernelRuntime } from '../src/platform/wasm/wasm-kernel-runtime.js';
import { findData } from './support/data.js';
import { report, round, say } from './support/report.js';
import { readTaFeng, tafengRows, validationOf } from './support/tafeng.js';

const DIGITS = 4;

const { values } = parseArgs({
  options: {
    validation: { type: 'boolean', default: false },
    hyperparameters: { type: 'string', default: '{}' },
    every: { type: 'string', default: '1' },
  },
});
const folder = findData('tafeng_nbr');
if (folder === undefined) {
  report({ skipped: 'There is no folder tafeng_nbr.' });
} else {
  const split = readTaFeng(folder);
  const part = values.validation ? 'validation' : 'test';
  const hyperparameters: unknown = JSON.parse(values.hyperparameters);
  const context = { seed: 1, kernels: new WasmKernelRuntime() };
  const rows = await tafengRows(values.validation ? validationOf(split) : split, context, {
    hyperparameters,
    every: Number(values.every),
  });
  for (const { method, recall10, ndcg10, phr10 } of rows) {
    say(
      `${method}: Recall@10 ${recall10.toFixed(DIGITS)}, NDCG@10 ${ndcg10.toFixed(DIGITS)}, PHR@10 ${phr10.toFixed(DIGITS)}`,
    );
  }
  report({
    part,
    hyperparameters,
    rows: rows.map(({ method, ...figures }) => ({
      method,
      ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value, DIGITS)])),
    })),
  });
}
