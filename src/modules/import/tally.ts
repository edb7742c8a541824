import type { SavedCounts } from '../catalog/catalog.types.js';
import type { ImportKind, ImportReport, LineError } from './import.types.js';
import type { Refusal } from './rows/refusal.js';

/** Errors that a report lists; the others are counted. */
export const LISTED_ERRORS = 1000;

/** Counts what happened to the lines of one import. */
export class ImportTally {
  received = 0;
  refused = 0;
  private created = 0;
  private updated = 0;
  private unchanged = 0;
  private readonly errors: LineError[] = [];
  private readonly started = performance.now();

  constructor(private readonly kind: ImportKind) {}

  refuse(line: number, { field, reason }: Refusal): void {
    this.refused += 1;
    if (this.errors.length < LISTED_ERRORS) {
      this.errors.push(field === undefined ? { line, reason } : { line, field, reason });
    }
  }

  count({ created, updated, unchanged }: SavedCounts): void {
    this.created += created;
    this.updated += updated;
    this.unchanged += unchanged;
  }

  report(): ImportReport {
    return {
      kind: this.kind,
      received: this.received,
      created: this.created,
      updated: this.updated,
      unchanged: this.unchanged,
      refused: this.refused,
      // the database finds faults a batch later than the parser
      errors: this.errors.toSorted((a, b) => a.line - b.line),
      seconds: Math.round(performance.now() - this.started) / 1000,
    };
  }
}
