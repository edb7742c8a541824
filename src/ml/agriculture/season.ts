import { InvalidParameterError } from '../core/errors.js';

/** Months in which something can be had: bit m − 1 is month m of 1 … 12. 0 stands for all year. */
export type SeasonMask = number;

/** Of a list of months. An empty one means all year. @throws InvalidParameterError when a month is not in 1 … 12. */
export function seasonMask(months: readonly number[]): SeasonMask {
  return months.reduce((mask, month) => mask | monthBit(month), 0);
}

/** Whether `month`, 1 … 12, lies in the season. */
export function isInSeason(mask: SeasonMask, month: number): boolean {
  return mask === 0 || (mask & monthBit(month)) !== 0;
}

function monthBit(month: number): number {
  if (!(Number.isInteger(month) && month >= 1 && month <= 12)) {
    throw new InvalidParameterError('month', 'an integer from 1 to 12', month);
  }
  return 1 << (month - 1);
}
