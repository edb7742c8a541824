import type { ProductFacts, Queryable, SavedCounts } from '../../catalog/catalog.types.js';
import type { RawRecord, RecordFields } from '../reading/records.js';
import { Refusal } from '../rows/refusal.js';
import type { RowShape } from '../rows/row-shape.js';
import type { ImportTally } from '../tally.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A checked entry that still has to be held against what is stored, and the lines it came from. */
export interface Draft {
  readonly lines: readonly number[];
  readonly fields: Fields;
}

/** Ids of others that an entry names, each with the field that names it. */
export interface References {
  readonly users?: readonly string[];
  readonly farms?: readonly string[];
  /** With what the row says about the product, for products that are made on the way. */
  readonly products?: ReadonlyMap<string, Partial<ProductFacts>>;
}

/** Makes drafts out of records. Records that are refused go to the tally. */
export interface Assembler {
  take(record: RawRecord): readonly Draft[];
  end(): readonly Draft[];
}

/** How one kind of entry is imported. */
export interface KindPlan {
  /** What a CSV header and a JSON line may name. */
  readonly csvFields: RecordFields;
  readonly jsonFields: RecordFields;
  readonly assembler: (format: 'csv' | 'ndjson', tally: ImportTally) => Assembler;
  readonly references: (fields: Fields) => References;
  /** Checks what needs the stored products, and makes the row that is saved. */
  readonly finish: (fields: Fields, products: ReadonlyMap<string, ProductFacts>) => object | Refusal;
  /** Two rows with the same key are the same entry. */
  readonly keyOf: (row: never) => string;
  readonly save: (rows: readonly never[], connection?: Queryable) => Promise<SavedCounts>;
}

/** One record is one entry. */
export class SingleAssembler implements Assembler {
  constructor(
    private readonly read: (row: Fields) => Fields | Refusal,
    private readonly tally: ImportTally,
  ) {}

  take({ line, row }: RawRecord): readonly Draft[] {
    const fields = row instanceof Refusal ? row : this.read(row);
    if (!(fields instanceof Refusal)) return [{ lines: [line], fields }];
    this.tally.refuse(line, fields);
    return [];
  }

  end(): readonly Draft[] {
    return [];
  }
}

export function recordFields(shape: RowShape): RecordFields {
  return { known: shape.names, required: shape.requiredNames };
}
