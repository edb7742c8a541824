import { join } from 'node:path';

import type { Interactions } from '../../src/ml/core/interactions.js';
import {
  hitRatio,
  normalizedDiscountedGain,
  rankHeldOut,
  type PairScorer,
} from '../../src/ml/metrics/ranking.js';
import { createRandom, drawBelow } from '../../src/ml/core/random.js';
import type { HeldOut } from '../../src/ml/splits/leave-latest-out.js';
import { readGzipLines } from './data.js';

/** What is known of the items beside who took them. */
export interface ItemMeta {
  /** Category of each item, −1 where it is not known. Shape (itemCount). */
  readonly categories: Int32Array;
  /** Items bought or viewed together with each, as the shop lists them. */
  readonly complements: readonly Int32Array[];
  /** Items that each can be replaced by. */
  readonly substitutes: readonly Int32Array[];
}

/** Amazon Grocery and Gourmet Food in the split of ReChorus. */
export interface AmazonGrocery {
  /** Each user's rows but the last two, with their times. */
  readonly training: Interactions;
  /** Each user's last row but one (dev), which the folder says to take for the test, with 99 negatives. */
  readonly heldOut: HeldOut;
  readonly meta: ItemMeta;
}

export interface AmazonGroceryOptions {
  /** Seeds the draw of negatives, uint32. Default 1. */
  readonly seed?: number;
}

/** Quality of one method, means over all users. */
export type GroceryRow = Readonly<Record<'hr5' | 'ndcg5' | 'hr10' | 'ndcg10', number>> & {
  readonly method: string;
};

const USERS = 14_681;
const ITEMS = 8_713;
const NEGATIVES = 99;
const MS = 1000;

interface Rows {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly timestamps: Float64Array;
}

/**
 * Reads the folder `amazon_grocery_rechorus`; users and items are numbered from 0, the files count from 1.
 *
 * Negatives are distinct, uniform over the items, and not in the user's history, training or dev. The rows of the
 * test are not in the folder, so that an item of it can be among them; as many as one draw in 8,700 are.
 */
export function readAmazonGrocery(folder: string, { seed = 1 }: AmazonGroceryOptions = {}): AmazonGrocery {
  const training = readRows(join(folder, 'train.csv.gz'));
  const dev = readRows(join(folder, 'dev.csv.gz'));
  return {
    training: { userCount: USERS, itemCount: ITEMS, ...training },
    heldOut: drawNegatives(training, dev, seed),
    meta: readMeta(join(folder, 'item_meta.tsv.gz')),
  };
}

/** Ranks each held-out item among its negatives, ties counting against it. */
export async function groceryRow(method: string, scorer: PairScorer, heldOut: HeldOut): Promise<GroceryRow> {
  const ranks = await rankHeldOut(scorer, heldOut);
  const mean = (score: (rank: number, k: number) => number, k: number): number =>
    ranks.reduce((sum, rank) => sum + score(rank, k), 0) / ranks.length;
  return {
    method,
    hr5: mean(hitRatio, 5),
    ndcg5: mean(normalizedDiscountedGain, 5),
    hr10: mean(hitRatio, 10),
    ndcg10: mean(normalizedDiscountedGain, 10),
  };
}

function readRows(file: string): Rows {
  const rows = readGzipLines(file)
    .slice(1)
    .map((line) => line.split(',').map(Number));
  return {
    users: Int32Array.from(rows, ([user]) => user! - 1),
    items: Int32Array.from(rows, ([, item]) => item! - 1),
    timestamps: Float64Array.from(rows, ([, , seconds]) => seconds! * MS),
  };
}

function drawNegatives(training: Rows, dev: Rows, seed: number): HeldOut {
  const random = createRandom(seed);
  const taken = Array.from({ length: USERS }, () => new Set<number>());
  for (const { users, items } of [training, dev]) users.forEach((user, row) => taken[user]!.add(items[row]!));
  const order = Int32Array.from(dev.users.keys()).sort((a, b) => dev.users[a]! - dev.users[b]!);
  const negatives = Array.from(order).flatMap((row) => {
    const drawn = new Set<number>();
    while (drawn.size < NEGATIVES) {
      const item = drawBelow(random, ITEMS);
      if (!taken[dev.users[row]!]!.has(item)) drawn.add(item);
    }
    return [...drawn];
  });
  return {
    users: Int32Array.from(order, (row) => dev.users[row]!),
    items: Int32Array.from(order, (row) => dev.items[row]!),
    timestamps: Float64Array.from(order, (row) => dev.timestamps[row]!),
    negatives: Int32Array.from(negatives),
    offsets: Int32Array.from({ length: order.length + 1 }, (_, i) => i * NEGATIVES),
  };
}

function readMeta(file: string): ItemMeta {
  const categories = new Int32Array(ITEMS).fill(-1);
  const complements = Array.from({ length: ITEMS }, () => new Int32Array());
  const substitutes = Array.from({ length: ITEMS }, () => new Int32Array());
  for (const line of readGzipLines(file).slice(1)) {
    const [id, category, complement = '[]', substitute = '[]'] = line.split('\t');
    const item = Number(id) - 1;
    categories[item] = Number(category);
    complements[item] = itemsOf(complement);
    substitutes[item] = itemsOf(substitute);
  }
  return { categories, complements, substitutes };
}

/** Items of a list such as "[4, 17]", those of the catalogue. */
function itemsOf(list: string): Int32Array<ArrayBuffer> {
  // the format of the file
  const ids = JSON.parse(list) as number[];
  return Int32Array.from(
    ids.filter((id) => id >= 1 && id <= ITEMS),
    (id) => id - 1,
  );
}
