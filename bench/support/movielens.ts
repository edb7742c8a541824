import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { Interactions } from '../../src/ml/core/interactions.js';
import type { HeldOut } from '../../src/ml/splits/leave-latest-out.js';
import { readGzipLines } from './data.js';

/** MovieLens-1M in the split of He et al. 2017, as published. */
export interface NcfSplit {
  readonly training: Interactions;
  readonly heldOut: HeldOut;
}

const USERS = 6040;
const ITEMS = 3706;
const TRAINING_ROWS = 994_169;
const NEGATIVES = 99;

/** Reads the folder `movielens1m_ncf`. Training rows have no times: all are 0. */
export function readMovieLens(folder: string): NcfSplit {
  const pairs = readPairs(join(folder, 'ml-1m.train.pairs.tsv.gz'));
  const test = readGzipLines(join(folder, 'ml-1m.test.rating.gz')).map((line) =>
    line.split('\t').map(Number),
  );
  const negatives = readGzipLines(join(folder, 'ml-1m.test.negative.gz')).flatMap((line) =>
    line.split('\t').slice(1).map(Number),
  );
  return {
    training: { userCount: USERS, itemCount: ITEMS, ...pairs, timestamps: new Float64Array(TRAINING_ROWS) },
    heldOut: {
      users: Int32Array.from(test, ([user]) => user!),
      items: Int32Array.from(test, ([, item]) => item!),
      negatives: Int32Array.from(negatives),
      offsets: Int32Array.from({ length: test.length + 1 }, (_, i) => i * NEGATIVES),
    },
  };
}

/** Parses digits in place: a million strings would cost more memory than the training. */
function readPairs(file: string): { users: Int32Array; items: Int32Array } {
  const bytes = gunzipSync(readFileSync(file));
  const columns = [new Int32Array(TRAINING_ROWS), new Int32Array(TRAINING_ROWS)] as const;
  let row = 0;
  let column = 0;
  let value = 0;
  for (const byte of bytes) {
    if (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      continue;
    }
    // column is 0 or 1: a tab ends the user, a line feed the item
    columns[column]![row] = value;
    value = 0;
    row += column;
    column = 1 - column;
  }
  return { users: columns[0], items: columns[1] };
}
