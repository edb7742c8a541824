import type { Interactions } from '../ml/core/interactions.js';

/** What a recommender learns from, with the ids behind the row numbers. */
export interface InteractionSnapshot {
  /** Every row, repetitions too, in order of time; with `userRegions`. */
  readonly interactions: Interactions & Required<Pick<Interactions, 'userRegions'>>;
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** Names behind the indices of `interactions.userRegions`. */
  readonly regionIds: readonly string[];
}

/** Immutable, hashed copies of what models are trained on, so that every run can be repeated. */
export abstract class SnapshotStore {
  /** @returns sha256 that names the snapshot; the same content has the same name. */
  abstract write(snapshot: InteractionSnapshot): Promise<string>;

  /** @throws when a file is absent or altered. */
  abstract read(hash: string): Promise<InteractionSnapshot>;
}
