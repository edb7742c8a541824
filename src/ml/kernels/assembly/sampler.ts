// where training finds its positives, and how it draws negatives for them; the order of the fields is repeated in ../kernel-plan.ts

/** Rejections before a negative is found by counting instead: bounds the loop for users who have nearly everything. */
const RANDOM_TRIES: i32 = 8;

/** What the plan of every trained kernel begins with. */
@unmanaged
export class Sampler {
  random: u64;
  /** Summed loss since the host last reset it. */
  loss: f64;
  /** Samples since the host last reset it. */
  samples: i32;

  userCount: i32;
  itemCount: i32;
  negatives: i32;
  /** Positives sorted by user, then item. */
  positiveUsers: usize;
  positiveItems: usize;
  /** offsets[u] … offsets[u + 1] are the positives of user u. */
  offsets: usize;
  /** One bit an item and user, or 0 when the host found it too large. */
  bitmap: usize;
  bitmapRowBytes: i32;
  permutation: usize;
  /** This thread's share of the permutation is cursor … end. */
  cursor: i32;
  end: i32;
}

/** 32 bits of SplitMix64. */
@inline
function draw(sampler: Sampler): u32 {
  sampler.random += 0x9e3779b97f4a7c15;
  let z = sampler.random;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <u32>((z ^ (z >> 31)) >> 32);
}

/** An integer in 0 … bound − 1, uniform. */
@inline
export function below(sampler: Sampler, bound: i32): i32 {
  return <i32>((<u64>draw(sampler) * <u64>bound) >> 32);
}

/** Steps from … to of an inside-out shuffle of the positives; from = 0 starts a new one. */
export function shufflePositives(sampler: Sampler, from: i32, to: i32): void {
  const permutation = sampler.permutation;
  for (let i = from; i < to; i++) {
    const j = below(sampler, i + 1);
    store<i32>(permutation + (i << 2), load<i32>(permutation + (j << 2)));
    store<i32>(permutation + (j << 2), i);
  }
}

/** Whether there is an item that `user` has no positive for. */
@inline
export function hasNegatives(sampler: Sampler, user: i32): bool {
  const at = sampler.offsets + (user << 2);
  return load<i32>(at, 4) - load<i32>(at) < sampler.itemCount;
}

/** The r-th item that `user` has no positive for, r uniform: with j positives up to it, it is item r + j. */
function countToNegative(sampler: Sampler, user: i32): i32 {
  const start = load<i32>(sampler.offsets + (user << 2));
  const positives = sampler.positiveItems + (start << 2);
  const count = load<i32>(sampler.offsets + (user << 2), 4) - start;
  const r = below(sampler, sampler.itemCount - count);
  let low: i32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(positives + (middle << 2)) - middle <= r) low = middle + 1;
    else high = middle;
  }
  return r + low;
}

/** An item that `user` has no positive for, uniform; the caller made sure there is one. */
export function drawNegative(sampler: Sampler, user: i32): i32 {
  if (sampler.bitmap) {
    const row = sampler.bitmap + <usize>user * sampler.bitmapRowBytes;
    for (let tries: i32 = 0; tries < RANDOM_TRIES; tries++) {
      const item = below(sampler, sampler.itemCount);
      if (!((load<u8>(row + (item >> 3)) >> (item & 7)) & 1)) return item;
    }
  }
  return countToNegative(sampler, user);
}
