import type { FieldReader } from './field-readers.js';
import { Refusal } from './refusal.js';

/** A row as it arrives: our field names, text from CSV or JSON values. Absent is undefined; null clears. */
export type RawRow = Readonly<Record<string, unknown>>;

export interface Field {
  readonly name: string;
  readonly reader: FieldReader<unknown>;
  readonly isRequired?: boolean;
}

/** The fields of one kind of row: the only place that says what they are called and may hold. */
export class RowShape {
  readonly names: ReadonlySet<string>;

  constructor(readonly fields: readonly Field[]) {
    this.names = new Set(fields.map(({ name }) => name));
  }

  get requiredNames(): readonly string[] {
    return this.fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  }

  /** Reads every field that is there. @returns The first thing that is wrong instead of a row. */
  read(raw: RawRow): Record<string, unknown> | Refusal {
    const row: Record<string, unknown> = {};
    for (const { name, reader, isRequired } of this.fields) {
      const value = raw[name];
      if (value === undefined || value === null) {
        if (isRequired) return Refusal.of(name, reader.expected, value ?? undefined);
        if (value === null) row[name] = null;
        continue;
      }
      const parsed = reader.read(value);
      if (parsed === undefined) return Refusal.of(name, reader.expected, value);
      row[name] = parsed;
    }
    return row;
  }
}
