/** Epochs that every trial gets. */
const GRACE_EPOCHS = 3;
/** Trials to compare with before one is given up. */
const LEAST_OTHERS = 4;

/**
 * Whether a trial is to be given up: its best validation so far is below the median of what others had by that epoch.
 *
 * Others that ended earlier count with their best. The first trials and epochs are never given up.
 *
 * @param curve Validation measure of the trial after each epoch, higher is better.
 * @param others Curves of the trials before.
 *
 * @see Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, §3.2.2, doi:10.1145/3097983.3098043.
 *
 * @example
 * isHopeless([0.1, 0.1, 0.1], [[0.2], [0.2], [0.3], [0.05]]); // true: the median is 0.2
 */
export function isHopeless(curve: readonly number[], others: readonly (readonly number[])[]): boolean {
  const epoch = curve.length;
  const compared = others.filter((other) => other.length > 0);
  if (epoch < GRACE_EPOCHS || compared.length < LEAST_OTHERS) return false;
  const bests = compared.map((other) => Math.max(...other.slice(0, epoch))).sort((a, b) => a - b);
  const middle = Math.floor(bests.length / 2);
  // at least LEAST_OTHERS values
  const median = bests.length % 2 === 1 ? bests[middle]! : (bests[middle - 1]! + bests[middle]!) / 2;
  return Math.max(...curve) < median;
}
