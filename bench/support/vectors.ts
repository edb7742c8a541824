import { createRandom, drawBelow, type Random } from '../../src/ml/core/random.js';

/** Item and user vectors of a shop with tastes. */
export interface TasteVectors {
  readonly width: number;
  readonly itemFactors: Float32Array;
  /** Shape (users, width). */
  readonly userFactors: Float32Array;
}

interface TasteOptions {
  readonly itemCount: number;
  readonly userCount: number;
  readonly width: number;
  readonly seed: number;
  /** Deviation of an item from its taste, relative to the spread of tastes; 0.8 unless given. */
  readonly noise?: number;
}

/**
 * Draws vectors as factorisations of purchases have them: √(items) tastes, in directions of which few matter much
 * (deviation of dimension j ∝ (j + 1)^−½), items scattered about their taste, lengths log-normal (σ = 0.5) as those of
 * items more or less popular are, and users between three tastes.
 */
export function drawTasteVectors({
  itemCount,
  userCount,
  width,
  seed,
  noise = 0.8,
}: TasteOptions): TasteVectors {
  const random = createRandom(seed);
  const tasteCount = Math.ceil(Math.sqrt(itemCount));
  const spread = Float32Array.from({ length: width }, (_, j) => (j + 1) ** -0.5);
  const tastes = Float32Array.from(
    { length: tasteCount * width },
    (_, i) => normal(random) * spread[i % width]!,
  );
  const itemFactors = new Float32Array(itemCount * width);
  for (let item = 0; item < itemCount; item += 1) {
    const taste = drawBelow(random, tasteCount) * width;
    const length = Math.exp(0.5 * normal(random));
    for (let j = 0; j < width; j += 1) {
      itemFactors[item * width + j] = length * (tastes[taste + j]! + noise * spread[j]! * normal(random));
    }
  }
  const userFactors = new Float32Array(userCount * width);
  for (let user = 0; user < userCount; user += 1) {
    for (let t = 0; t < 3; t += 1) {
      const taste = drawBelow(random, tasteCount) * width;
      const weight = random();
      for (let j = 0; j < width; j += 1) userFactors[user * width + j]! += weight * tastes[taste + j]!;
    }
    for (let j = 0; j < width; j += 1) userFactors[user * width + j]! += 0.3 * spread[j]! * normal(random);
  }
  return { width, itemFactors, userFactors };
}

/** Sum of 4 uniform draws, scaled to deviation 1: near enough to the normal distribution, and fast. */
function normal(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}
