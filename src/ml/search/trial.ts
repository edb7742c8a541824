/** Hyperparameters by name. */
export type Hyperparameters = Readonly<Record<string, unknown>>;

/** One configuration that a search has tried, or tries. Plain JSON. */
export interface Trial {
  /** From 1. */
  readonly number: number;
  readonly hyperparameters: Hyperparameters;
  /** `stopped`: given up before its end, for want of promise or of time; `failed`: `error` says why. */
  readonly state: 'running' | 'completed' | 'stopped' | 'failed';
  /** On the validation part; of a stopped trial its best epoch's. */
  readonly ndcg10?: number;
  readonly hr10?: number;
  readonly seconds: number;
  /** Epochs done; 0 for learners without. */
  readonly epochs: number;
  /** Validation NDCG@10 after each epoch, for learners that measure it. */
  readonly curve: readonly number[];
  readonly error?: string;
  /** The configuration that was taken in the end. */
  readonly isChosen?: boolean;
}

/** The epoch of the best validation, from 1; undefined for a trial without a curve. Ties go to the earlier one. */
export function bestEpochOf({ curve }: Pick<Trial, 'curve'>): number | undefined {
  return curve.length === 0 ? undefined : curve.indexOf(Math.max(...curve)) + 1;
}
