import { InvalidDataError } from '../core/errors.js';

/** Choices to learn from: somebody took one of several candidates, each with a score by every member. */
export interface BlendChoices {
  /** Number of members m ≥ 1. */
  readonly members: number;
  /**
   * Scores, standardized within the user. Row-major, shape (candidates of all choices, members); the first
   * candidate of each choice is the one taken.
   */
  readonly scores: Float32Array;
  /** Candidates of choice c are offsets[c] … offsets[c + 1] − 1. Shape (choices + 1). */
  readonly offsets: Int32Array;
}

const MAX_ITERATIONS = 200;
/** Smallest gain of the mean log-likelihood that is worth another pass. */
const TOLERANCE = 1e-7;
/** Penalty a choice on the squared weights: decides among members that say the same. */
const RIDGE = 1e-4;
const SMALLEST_STEP = 1e-6;

/**
 * Learns how much each member of a blend counts from what users took (conditional logit).
 *
 * Maximizes Σ_c ln( e^{w·s_taken} / Σ_j e^{w·s_j} ) − ridge·‖w‖² over w ≥ 0: a member that misleads gets 0,
 * never a negative weight. Concave, so the maximum is unique; found by projected Newton steps on the
 * coordinates that are free. Time O(iterations · candidates · members²).
 *
 * @returns Weights, shape (members), not all of them 0.
 * @throws InvalidDataError when there is no choice, or a score is not finite.
 *
 * @see D. McFadden, "Conditional logit analysis of qualitative choice behavior" (1974), in Frontiers in Econometrics.
 *
 * @example
 * // the second member ranks the taken candidate first in both choices, the first says nothing
 * learnBlendWeights({ members: 2, scores: Float32Array.of(0, 1, 0, -1, 0, 2, 0, 0), offsets: Int32Array.of(0, 2, 4) });
 */
export function learnBlendWeights(choices: BlendChoices): Float64Array {
  const { members, scores, offsets } = choices;
  if (offsets.length < 2)
    throw new InvalidDataError('Learning the weights of a blend needs a choice, received none.');
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    throw new InvalidDataError(
      `Scores of a blend must be finite, received ${scores[bad]} by member ${bad % members}.`,
    );
  }
  let weights = new Float64Array(members).fill(1 / members);
  let value = objective(choices, weights);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const next = improve(choices, weights, value);
    if (next === undefined) break;
    const gain = next.value - value;
    ({ weights, value } = next);
    if (gain < TOLERANCE) break;
  }
  // nobody helps: equal weights say so better than none
  return weights.some((weight) => weight > 0) ? weights : weights.fill(1 / members);
}

interface Point {
  readonly weights: Float64Array<ArrayBuffer>;
  readonly value: number;
}

/** One projected Newton step with halving; undefined when none improves. */
function improve(choices: BlendChoices, weights: Float64Array, value: number): Point | undefined {
  const { gradient, curvature } = derivatives(choices, weights);
  const isFree = Array.from(weights, (weight, k) => weight > 0 || gradient[k]! > 0);
  const direction = solveFree(curvature, gradient, isFree);
  for (let step = 1; step > SMALLEST_STEP; step /= 2) {
    const moved = Float64Array.from(weights, (weight, k) => Math.max(0, weight + step * direction[k]!));
    const reached = objective(choices, moved);
    if (reached > value) return { weights: moved, value: reached };
  }
  return undefined;
}

/** Mean log-likelihood less the penalty. */
function objective(choices: BlendChoices, weights: Float64Array): number {
  const { offsets } = choices;
  const count = offsets.length - 1;
  let sum = 0;
  for (let choice = 0; choice < count; choice += 1) {
    const shares = sharesOf(choices, weights, choice);
    sum += Math.log(Math.max(shares[0]!, Number.MIN_VALUE));
  }
  return sum / count - RIDGE * weights.reduce((total, weight) => total + weight ** 2, 0);
}

/** Gradient of the objective, and minus its Hessian: the covariance of the members' scores, and the penalty. */
function derivatives(
  choices: BlendChoices,
  weights: Float64Array,
): { gradient: Float64Array; curvature: Float64Array } {
  const { members, scores, offsets } = choices;
  const count = offsets.length - 1;
  const gradient = new Float64Array(members);
  const curvature = new Float64Array(members * members);
  const mean = new Float64Array(members);
  // hot: every index is below the lengths that offsets and members state
  for (let choice = 0; choice < count; choice += 1) {
    const start = offsets[choice]!;
    const shares = sharesOf(choices, weights, choice);
    mean.fill(0);
    for (let j = 0; j < shares.length; j += 1) {
      const row = (start + j) * members;
      for (let k = 0; k < members; k += 1) mean[k]! += shares[j]! * scores[row + k]!;
    }
    for (let k = 0; k < members; k += 1) gradient[k]! += (scores[start * members + k]! - mean[k]!) / count;
    for (let j = 0; j < shares.length; j += 1) {
      const row = (start + j) * members;
      for (let k = 0; k < members; k += 1) {
        const deviation = (shares[j]! * (scores[row + k]! - mean[k]!)) / count;
        for (let l = 0; l <= k; l += 1) {
          curvature[k * members + l]! += deviation * (scores[row + l]! - mean[l]!);
        }
      }
    }
  }
  for (let k = 0; k < members; k += 1) {
    gradient[k]! -= 2 * RIDGE * weights[k]!;
    curvature[k * members + k]! += 2 * RIDGE;
    for (let l = 0; l < k; l += 1) curvature[l * members + k] = curvature[k * members + l]!;
  }
  return { gradient, curvature };
}

/** Probability of each candidate of one choice. */
function sharesOf(
  { members, scores, offsets }: BlendChoices,
  weights: Float64Array,
  choice: number,
): Float64Array {
  const start = offsets[choice]!;
  const utilities = new Float64Array(offsets[choice + 1]! - start);
  let highest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < utilities.length; j += 1) {
    let utility = 0;
    for (let k = 0; k < members; k += 1) utility += weights[k]! * scores[(start + j) * members + k]!;
    utilities[j] = utility;
    highest = Math.max(highest, utility);
  }
  let total = 0;
  for (let j = 0; j < utilities.length; j += 1) total += utilities[j] = Math.exp(utilities[j]! - highest);
  return utilities.map((utility) => utility / total);
}

/** Solves curvature · x = gradient on the free coordinates (Gaussian elimination; the matrix is positive definite); 0 elsewhere. */
function solveFree(
  curvature: Float64Array,
  gradient: Float64Array,
  isFree: readonly boolean[],
): Float64Array {
  const free = [...isFree.keys()].filter((k) => isFree[k]);
  const size = free.length;
  const rows = free.map((k) => [...free.map((l) => curvature[k * gradient.length + l]!), gradient[k]!]);
  for (let pivot = 0; pivot < size; pivot += 1) {
    const row = rows[pivot]!;
    for (const other of rows.slice(pivot + 1)) {
      const factor = other[pivot]! / row[pivot]!;
      for (let column = pivot; column <= size; column += 1) other[column]! -= factor * row[column]!;
    }
  }
  const solution = new Float64Array(gradient.length);
  for (let pivot = size - 1; pivot >= 0; pivot -= 1) {
    const row = rows[pivot]!;
    let sum = row[size]!;
    for (let column = pivot + 1; column < size; column += 1) sum -= row[column]! * solution[free[column]!]!;
    solution[free[pivot]!] = sum / row[pivot]!;
  }
  return solution;
}
