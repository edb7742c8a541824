import type { UserHistory } from './recommender-model.js';

/** Items of a history without repetition, ascending: what a user's rows are at training. */
export function distinctItems({ items }: Pick<UserHistory, 'items'>): Int32Array {
  const sorted = items.slice().sort();
  return sorted.filter((item, i) => i === 0 || item !== sorted[i - 1]);
}
