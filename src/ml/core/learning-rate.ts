/** How a step size changes from the first epoch to the last. */
export const LEARNING_RATE_SCHEDULES = ['constant', 'linear', 'cosine'] as const;

/** Name of a schedule. */
export type LearningRateSchedule = (typeof LEARNING_RATE_SCHEDULES)[number];

/**
 * The step size of an epoch.
 *
 * `linear` falls by the same amount every epoch, `cosine` slowly at both ends; both would be 0 one epoch after the last.
 *
 * @param initial Step size of the first epoch.
 * @param epoch In 1 … epochs.
 *
 * @example
 * learningRateAt('linear', 0.1, 3, 4); // 0.05
 */
export function learningRateAt(
  schedule: LearningRateSchedule,
  initial: number,
  epoch: number,
  epochs: number,
): number {
  const done = (epoch - 1) / epochs;
  if (schedule === 'linear') return initial * (1 - done);
  if (schedule === 'cosine') return (initial * (1 + Math.cos(Math.PI * done))) / 2;
  return initial;
}
