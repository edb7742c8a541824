import type { Interactions } from './interactions.js';

/** Rows of each user, in the order of the data. */
export interface UserRows {
  /** Rows of user u are rows[offsets[u]] … rows[offsets[u + 1] − 1]. Length userCount + 1. */
  readonly offsets: Int32Array;
  /** Indices of rows. Shape (n). */
  readonly rows: Int32Array;
}

/** Groups valid rows by user without merging any: a counting pass, O(n + users). */
export function groupRowsByUser({ userCount, users }: Pick<Interactions, 'userCount' | 'users'>): UserRows {
  const next = new Int32Array(userCount + 1);
  // hot: rows were validated, so every index is in range
  for (let row = 0; row < users.length; row += 1) next[users[row]! + 1]! += 1;
  for (let user = 0; user < userCount; user += 1) next[user + 1]! += next[user]!;
  const offsets = next.slice();
  const rows = new Int32Array(users.length);
  for (let row = 0; row < users.length; row += 1) {
    const user = users[row]!;
    rows[next[user]!] = row;
    next[user]! += 1;
  }
  return { offsets, rows };
}
