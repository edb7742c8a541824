import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { Interactions } from '../../src/ml/core/interactions.js';
import type { FitContext, Learner } from '../../src/ml/core/learner.js';
import { createRandom, drawBelow } from '../../src/ml/core/random.js';
import { topK } from '../../src/ml/math/top-k.js';
import { listBaskets, reportBaskets, type BasketScorer } from '../../src/ml/metrics/next-basket.js';
import { NextBasket } from '../../src/ml/recommenders/next-basket.js';
import type { RecommenderModel } from '../../src/ml/recommenders/recommender-model.js';
import { leaveLatestBasketOut, type HeldOutBaskets } from '../../src/ml/splits/latest-basket.js';

/** Baskets to learn from, and one of each user to predict. */
export interface BasketSplit {
  readonly training: Interactions;
  readonly baskets: HeldOutBaskets;
}

/** Quality of one method by the protocol of Li et al., all users as test. */
export type BasketRow = Readonly<
  Record<'recall10' | 'ndcg10' | 'phr10' | 'recall20' | 'ndcg20' | 'phr20' | 'seconds', number>
> & { readonly method: string };

type BasketsOfUsers = Readonly<Record<string, readonly (readonly number[])[]>>;
type Lists = readonly ArrayLike<number>[];

const DAY_MS = 86_400_000;
const LENGTH = 20;

/**
 * Reads the folder `tafeng_nbr`. The files keep the order of baskets, not their days: the n-th basket of a user is
 * put on day n. They number items by first appearance, which tells popularity to whatever breaks ties by index
 * (P-TopFreq gains .012 from it), so items are numbered anew at random, always the same way.
 */
export function readTaFeng(folder: string): BasketSplit {
  const historyOfFile = Object.values(readBaskets(join(folder, 'tafeng_history.json.gz')));
  const futureOfFile = Object.values(readBaskets(join(folder, 'tafeng_future.json.gz')));
  const itemCount = 1 + [...historyOfFile, ...futureOfFile].flat(2).reduce((a, b) => Math.max(a, b));
  const numbers = randomNumbers(itemCount);
  const history = historyOfFile.map((baskets) =>
    baskets.map((basket) => basket.map((item) => numbers[item]!)),
  );
  const future = futureOfFile.map(([basket]) => (basket ?? []).map((item) => numbers[item]!));
  const rows = history.flatMap((baskets, user) =>
    baskets.flatMap((basket, day) => basket.map((item) => ({ user, item, day }))),
  );
  const offsets = new Int32Array(future.length + 1);
  future.forEach((basket, user) => {
    offsets[user + 1] = offsets[user]! + basket.length;
  });
  return {
    training: {
      userCount: history.length,
      itemCount,
      users: Int32Array.from(rows, ({ user }) => user),
      items: Int32Array.from(rows, ({ item }) => item),
      timestamps: Float64Array.from(rows, ({ day }) => day * DAY_MS),
    },
    baskets: {
      users: Int32Array.from(future, (_, user) => user),
      items: Int32Array.from(future.flat()),
      offsets,
      timestamps: Float64Array.from(history, (baskets) => baskets.length * DAY_MS),
    },
  };
}

/** The part to choose hyperparameters on: the last basket of each user's history, out of the ones before. */
export function validationOf({ training }: BasketSplit): BasketSplit {
  return leaveLatestBasketOut(training, 'day');
}

/** What `tafengRows` may be told. */
export interface TaFengOptions {
  /** Of NEXT_BASKET, chosen on `validationOf(split)`. */
  readonly hyperparameters?: unknown;
  /** Predicts for every n-th user only, with all of them to learn from; the yardsticks are for all. Default 1. */
  readonly every?: number;
}

/** The three yardsticks of Li et al. and NEXT_BASKET, a row each. */
export async function tafengRows(
  split: BasketSplit,
  context: FitContext,
  { hyperparameters, every = 1 }: TaFengOptions = {},
): Promise<readonly BasketRow[]> {
  const { users } = split.baskets;
  const globalList = popularList(split.training);
  const personal = personalLists(split.training);
  const ofUsers = (listOf: (user: number) => ArrayLike<number>): Lists => Array.from(users, listOf);
  return [
    rowOf(
      'G-TopFreq',
      ofUsers(() => globalList),
      split.baskets,
      0,
    ),
    rowOf(
      'P-TopFreq',
      ofUsers((user) => personal[user]!),
      split.baskets,
      0,
    ),
    rowOf(
      'GP-TopFreq',
      ofUsers((user) => [...new Set([...personal[user]!, ...globalList])]),
      split.baskets,
      0,
    ),
    await rowOfLearner(
      'NEXT_BASKET',
      new NextBasket(hyperparameters),
      { training: split.training, baskets: everyNth(split.baskets, every) },
      context,
    ),
  ];
}

/** Fits any learner of interactions and measures its lists, `seconds` being the time of both. */
export async function rowOfLearner(
  method: string,
  learner: Learner<Interactions, RecommenderModel>,
  { training, baskets }: BasketSplit,
  context: FitContext,
): Promise<BasketRow> {
  const startedAt = performance.now();
  const model = await learner.fit(training, context);
  const scores = new Float32Array(model.itemCount);
  const { users, timestamps } = baskets;
  const score: BasketScorer = (index) => model.scoreAll(users[index]!, scores, timestamps[index]);
  const lists = await listBaskets(score, baskets, LENGTH);
  return rowOf(method, lists, baskets, (performance.now() - startedAt) / 1000);
}

/** Measures lists of at least 20 items, one a basket. `seconds` is what fitting and listing took. */
export function rowOf(method: string, lists: Lists, baskets: HeldOutBaskets, seconds: number): BasketRow {
  const at10 = reportBaskets(lists, baskets, 10);
  const at20 = reportBaskets(lists, baskets, 20);
  return {
    method,
    recall10: at10.recall,
    ndcg10: at10.ndcg,
    phr10: at10.phr,
    recall20: at20.recall,
    ndcg20: at20.ndcg,
    phr20: at20.phr,
    seconds,
  };
}

/** The items of most baskets. */
function popularList({ itemCount, items }: Interactions): Int32Array {
  const counts = new Float32Array(itemCount);
  for (const item of items) counts[item]! += 1;
  return topK(counts, LENGTH).indices;
}

/** Each user's items by number of baskets, ties by first appearance; nothing else fills the list up. */
function personalLists({ userCount, users, items }: Interactions): readonly (readonly number[])[] {
  const counts = Array.from({ length: userCount }, () => new Map<number, number>());
  users.forEach((user, row) => {
    const own = counts[user]!;
    own.set(items[row]!, (own.get(items[row]!) ?? 0) + 1);
  });
  // the sort is stable, and a map keeps the order of first appearance
  return counts.map((own) => [...own].sort(([, a], [, b]) => b - a).map(([item]) => item));
}

function everyNth(baskets: HeldOutBaskets, step: number): HeldOutBaskets {
  const chosen = Array.from(baskets.users.keys()).filter((index) => index % step === 0);
  const items = chosen.map((index) =>
    baskets.items.subarray(baskets.offsets[index], baskets.offsets[index + 1]),
  );
  const offsets = new Int32Array(chosen.length + 1);
  items.forEach(({ length }, index) => {
    offsets[index + 1] = offsets[index]! + length;
  });
  return {
    users: Int32Array.from(chosen, (index) => baskets.users[index]!),
    items: Int32Array.from(items.flatMap((basket) => [...basket])),
    offsets,
    timestamps: Float64Array.from(chosen, (index) => baskets.timestamps[index]!),
  };
}

/** A permutation of 0 … count − 1 (Fisher–Yates), the same every time. */
function randomNumbers(count: number): Int32Array {
  const random = createRandom(1);
  const numbers = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = drawBelow(random, i + 1);
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return numbers;
}

/** Baskets between the marks [-1], without repetition. */
function readBaskets(file: string): BasketsOfUsers {
  // the format of the files
  const users = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as BasketsOfUsers;
  return Object.fromEntries(
    Object.entries(users).map(([user, baskets]) => [
      user,
      baskets.slice(1, -1).map((basket) => [...new Set(basket)]),
    ]),
  );
}
