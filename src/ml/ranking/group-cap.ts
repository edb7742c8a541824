import { InvalidParameterError } from '../core/errors.js';

/** Lets at most `max` members of a group into a list, e.g. products of one farm. Who has no group is never refused. */
export class GroupCap {
  private readonly counts = new Map<string, number>();

  /** @throws InvalidParameterError when `max` is no integer ≥ 1. */
  constructor(private readonly max: number) {
    if (!(Number.isInteger(max) && max >= 1)) throw new InvalidParameterError('max', 'an integer ≥ 1', max);
  }

  admits(group: string | undefined): boolean {
    return group === undefined || (this.counts.get(group) ?? 0) < this.max;
  }

  /** Counts a member that was let in. */
  take(group: string | undefined): void {
    if (group !== undefined) this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
  }
}
