import { yieldToEventLoop } from '../core/event-loop.js';
import { decomposeSymmetric } from '../math/symmetric-eigen.js';
import { topK } from '../math/top-k.js';
import type { RecommenderModel } from '../recommenders/recommender-model.js';
import type { ItemVectors } from './retrieval-book.js';

/** Vectors whose products come near to what a model scores, up to a constant a user. Plain arrays. */
export interface DotProductProxy extends ItemVectors {
  /** Items whose scores tell a user's vector. Shape (anchors). */
  readonly anchors: Int32Array;
  /** Makes a user's vector of the scores of the anchors. Shape (width, anchors). */
  readonly projection: Float32Array;
}

type Scorer = Pick<RecommenderModel, 'userCount' | 'itemCount' | 'scoreAll'>;

const SAMPLED_USERS = 128;
const WIDTH = 32;
/** Half of them spread over the catalogue, half of them what users like best: there it has to be near. */
const ANCHORS = 512;
const RIDGE = 1e-3;
const USERS_PER_SLICE = 1;

/**
 * Fits vectors to a model whose score is not a dot product, such as a network's, so that its candidates can be
 * searched for (principal components of scores, after Nyström).
 *
 * S holds the scores of all items for m users spread over all of them, each user's mean taken off. With E the first
 * `width` eigenvectors of S·Sᵀ, items get the vectors Eᵀ·S: S ≈ E·Eᵀ·S, the nearest of that rank. Any user gets the
 * vector that fits its scores of the anchors best (ridge regression with an intercept).
 *
 * It is only good for candidates, of which the model itself then orders some times as many as are asked for. A model
 * whose scores differ in more than `width` ways between users, or between users that the sample does not tell apart,
 * loses some of its best items: measure the recall (see docs/serving.md).
 *
 * Cost: m passes over all items, m²·n/2 multiplications, and 4·m·n bytes while it fits (512 MB for 1 M items).
 *
 * @see C. Eckart & G. Young, Psychometrika 1 (1936), 211–218; C. Williams & M. Seeger, "Using the Nyström method to
 * speed up kernel machines", NIPS 2000.
 */
export async function fitDotProductProxy(model: Scorer): Promise<DotProductProxy> {
  const { itemCount, userCount } = model;
  const userSample = Math.min(SAMPLED_USERS, userCount);
  const scores = Array.from({ length: userSample }, () => new Float32Array(itemCount));
  const liking = new Float32Array(itemCount);
  for (let i = 0; i < userSample; i += 1) {
    const row = model.scoreAll(Math.floor((i * userCount) / userSample), scores[i]);
    takeOffMean(row);
    for (let item = 0; item < itemCount; item += 1) liking[item]! += row[item]!;
    if (i % USERS_PER_SLICE === 0) await yieldToEventLoop();
  }
  const { vectors } = decomposeSymmetric(await gramOf(scores), userSample);
  const itemFactors = new Float32Array(itemCount * WIDTH);
  for (let k = 0; k < Math.min(WIDTH, userSample); k += 1) {
    for (let i = 0; i < userSample; i += 1) {
      const weight = vectors[k * userSample + i]!;
      const row = scores[i]!;
      for (let item = 0; item < itemCount; item += 1) itemFactors[item * WIDTH + k]! += weight * row[item]!;
    }
    await yieldToEventLoop();
  }
  const anchors = chooseAnchors(liking);
  return { itemCount, width: WIDTH, itemFactors, anchors, projection: projectionOf(itemFactors, anchors) };
}

/** Vector of a user. @param scores Those of the anchors, by the model. Shape (anchors). */
export function proxyVector(
  { width, anchors, projection }: DotProductProxy,
  scores: Float32Array,
): Float32Array {
  return Float32Array.from({ length: width }, (_, k) => {
    let sum = 0;
    for (let a = 0; a < anchors.length; a += 1) sum += projection[k * anchors.length + a]! * scores[a]!;
    return sum;
  });
}

function takeOffMean(row: Float32Array): void {
  let sum = 0;
  for (const score of row) sum += score;
  const mean = sum / row.length;
  for (let item = 0; item < row.length; item += 1) row[item]! -= mean;
}

/** S·Sᵀ. Shape (m, m). */
async function gramOf(rows: readonly Float32Array[]): Promise<Float64Array> {
  const m = rows.length;
  const gram = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1) {
    const a = rows[i]!;
    for (let j = 0; j <= i; j += 1) {
      const b = rows[j]!;
      let sum = 0;
      // hot: m²/2 times over all items; the rows are equally long
      for (let item = 0; item < a.length; item += 1) sum += a[item]! * b[item]!;
      gram[i * m + j] = sum;
      gram[j * m + i] = sum;
    }
    await yieldToEventLoop();
  }
  return gram;
}

function chooseAnchors(liking: Float32Array): Int32Array {
  const count = Math.min(ANCHORS, liking.length);
  const liked = topK(liking, Math.ceil(count / 2)).indices;
  const chosen = new Set(liked);
  const step = liking.length / count;
  for (let i = 0; i < count && chosen.size < count; i += 1) chosen.add(Math.floor(i * step));
  return Int32Array.from(chosen);
}

/** (Vᵀ·V + ridge)⁻¹·Vᵀ of the anchors' vectors V, both centered, which is what an intercept does. */
function projectionOf(itemFactors: Float32Array, anchors: Int32Array): Float32Array {
  const { length } = anchors;
  const centered = new Float64Array(length * WIDTH);
  for (let k = 0; k < WIDTH; k += 1) {
    const column = Float64Array.from(anchors, (item) => itemFactors[item * WIDTH + k]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / length;
    column.forEach((value, a) => {
      centered[a * WIDTH + k] = value - mean;
    });
  }
  const products = new Float64Array(WIDTH * WIDTH);
  for (let j = 0; j < WIDTH; j += 1) {
    for (let k = 0; k < WIDTH; k += 1) {
      for (let a = 0; a < length; a += 1) {
        products[j * WIDTH + k]! += centered[a * WIDTH + j]! * centered[a * WIDTH + k]!;
      }
    }
  }
  const { values, vectors } = decomposeSymmetric(products, WIDTH);
  const ridge = RIDGE * (values[0]! / WIDTH) + Number.MIN_VALUE;
  const projection = new Float32Array(WIDTH * length);
  for (let a = 0; a < length; a += 1) {
    for (let e = 0; e < WIDTH; e += 1) {
      let along = 0;
      for (let k = 0; k < WIDTH; k += 1) along += vectors[e * WIDTH + k]! * centered[a * WIDTH + k]!;
      const weight = along / (Math.max(0, values[e]!) + ridge);
      for (let k = 0; k < WIDTH; k += 1) projection[k * length + a]! += weight * vectors[e * WIDTH + k]!;
    }
  }
  return projection;
}
