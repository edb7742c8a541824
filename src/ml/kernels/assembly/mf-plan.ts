// what the host of matrix factorization lays out in memory; the order of the fields is repeated in ../mf-plan.ts
import { Sampler } from './sampler';

/** Everything one thread works on. Rows are shared by threads; the group is its own. */
@unmanaged
export class MatrixPlan extends Sampler {
  /** Floats of a row: the factors, then the tail of 4, in which a user has [1, bias, 0, 0] and an item [bias, 1, 0, 0]. */
  rowWidth: i32;
  userRows: usize;
  itemRows: usize;
  /** Added to every product. */
  bias: f32;
  learningRate: f32;
  regularization: f32;
  /** One of the losses in mf-loss.ts. */
  lossKind: i32;

  /** A positive, then its negatives: addresses of their rows. */
  group: usize;
  /** Scores of the group, then the derivatives of the loss by them; whole blocks of 4. */
  errors: usize;
  /** Derivative of the group's loss by the user's row. */
  userGradient: usize;

  pairUsers: usize;
  pairItems: usize;
  scores: usize;
}
