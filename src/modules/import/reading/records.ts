import { describeValue } from '../../../common/describe-value.js';
import { ImportHeaderInvalidError } from '../import.errors.js';
import type { ImportOptions } from '../import.types.js';
import { Refusal } from '../rows/refusal.js';
import type { RawRow } from '../rows/row-shape.js';
import { CsvCells, type CsvRecord } from './csv-cells.js';
import type { Line } from './lines.js';

/** One row of the file under our field names, or why it is refused. */
export interface RawRecord {
  readonly line: number;
  readonly row: RawRow | Refusal;
}

/** What the reader needs to know of the kind. */
export interface RecordFields {
  readonly known: ReadonlySet<string>;
  readonly required: readonly string[];
}

/** Turns the lines of a file into records, one chunk at a time. */
export interface RecordReader {
  read(lines: readonly Line[]): readonly RawRecord[];
  end(): readonly RawRecord[];
}

export function createRecordReader(fields: RecordFields, options: ImportOptions): RecordReader {
  return options.format === 'csv' ? new CsvReader(fields, options) : new NdjsonReader(fields, options);
}

class NdjsonReader implements RecordReader {
  private readonly constants: RawRow;

  constructor(
    private readonly fields: RecordFields,
    private readonly options: ImportOptions,
  ) {
    this.constants = Object.fromEntries(options.constants);
  }

  read(lines: readonly Line[]): readonly RawRecord[] {
    return lines.flatMap((line) => {
      if ('problem' in line) return { line: line.number, row: new Refusal(line.problem) };
      return line.text.trim() === '' ? [] : { line: line.number, row: this.parse(line.text) };
    });
  }

  end(): readonly RawRecord[] {
    return [];
  }

  private parse(text: string): RawRow | Refusal {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return new Refusal(`the line must be a JSON object: ${(error as SyntaxError).message}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return new Refusal(`the line must be a JSON object, received ${describeValue(value)}`);
    }
    return renameFields(value, this.fields.known, this.options, this.constants);
  }
}

/** Maps the keys of an object to our fields. @returns A refusal when a key means nothing and that matters. */
export function renameFields(
  object: object,
  known: ReadonlySet<string>,
  { map, ignoreUnknown }: ImportOptions,
  constants: RawRow = {},
): RawRow | Refusal {
  const row: Record<string, unknown> = { ...constants };
  for (const [key, value] of Object.entries(object)) {
    const name = map.get(key) ?? key;
    if (known.has(name)) row[name] = value;
    else if (!ignoreUnknown)
      return new Refusal(`${key} is not a known field (${[...known].join(', ')})`, key);
  }
  return row;
}

class CsvReader implements RecordReader {
  private readonly cells: CsvCells;
  /** Field of each column; undefined where the column is skipped. */
  private columns: readonly (string | undefined)[] | undefined;
  private readonly constants: RawRow;

  constructor(
    private readonly fields: RecordFields,
    private readonly options: ImportOptions,
  ) {
    this.cells = new CsvCells(options.delimiter);
    this.constants = Object.fromEntries(options.constants);
  }

  read(lines: readonly Line[]): readonly RawRecord[] {
    return this.toRows(this.cells.read(lines));
  }

  end(): readonly RawRecord[] {
    const rows = this.toRows(this.cells.end());
    if (!this.columns) this.readHeader([]);
    return rows;
  }

  private toRows(records: readonly CsvRecord[]): readonly RawRecord[] {
    return records.flatMap((record) => {
      if (!this.columns) {
        this.columns = this.readHeader('cells' in record ? record.cells : [record.problem]);
        return [];
      }
      const row = 'cells' in record ? this.toRow(record.cells, this.columns) : new Refusal(record.problem);
      return { line: record.line, row };
    });
  }

  /** Hot: one call a row. An empty cell is an absent field. */
  private toRow(cells: readonly string[], columns: readonly (string | undefined)[]): RawRow | Refusal {
    if (cells.length !== columns.length) {
      return new Refusal(
        `the line must have ${columns.length} cells like the header, received ${cells.length}`,
      );
    }
    const row: Record<string, unknown> = { ...this.constants };
    for (let i = 0; i < columns.length; i++) {
      const name = columns[i];
      if (name !== undefined && cells[i] !== '') row[name] = cells[i];
    }
    return row;
  }

  /** @throws ImportHeaderInvalidError */
  private readHeader(cells: readonly string[]): readonly (string | undefined)[] {
    const { map, constants, ignoreUnknown } = this.options;
    const { known, required } = this.fields;
    const names = cells.map((cell) => map.get(cell.trim()) ?? cell.trim());
    const unknown = cells.filter((_, i) => !known.has(names[i]!)); // same length
    const missing = required.filter((name) => !names.includes(name) && !constants.has(name));
    const twice = names.filter((name, i) => known.has(name) && names.indexOf(name) !== i);
    if (missing.length > 0 || twice.length > 0 || (unknown.length > 0 && !ignoreUnknown)) {
      throw new ImportHeaderInvalidError({
        expected: [...known],
        required: required.filter((name) => !constants.has(name)),
        received: cells.slice(0, 100).map((cell) => cell.slice(0, 100)),
        missing,
        unknown: ignoreUnknown ? [] : unknown.slice(0, 100).map((cell) => cell.slice(0, 100)),
        twice,
      });
    }
    return names.map((name) => (known.has(name) ? name : undefined));
  }
}
