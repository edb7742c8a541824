/** What can be imported, in the order in which rows refer to each other. */
export const IMPORT_KINDS = [
  'users',
  'farms',
  'products',
  'orders',
  'events',
  'price-changes',
  'stock-levels',
] as const;

export type ImportKind = (typeof IMPORT_KINDS)[number];
export type ImportFormat = 'ndjson' | 'csv';

export interface ImportOptions {
  readonly format: ImportFormat;
  /** One character. CSV only. */
  readonly delimiter: string;
  /** Their column name → ours. */
  readonly map: ReadonlyMap<string, string>;
  /** Our field → what every row has that does not say otherwise. */
  readonly constants: ReadonlyMap<string, string>;
  /** Columns that mean nothing to us are skipped instead of refused. */
  readonly ignoreUnknown: boolean;
  /** Users and products that orders and events refer to are made when they are not stored. */
  readonly createMissing: boolean;
  /** One refused line undoes the whole import. */
  readonly atomic: boolean;
}

/** Why a line was not taken in. */
export interface LineError {
  /** 1-based; in CSV the header is line 1. */
  readonly line: number;
  readonly field?: string;
  readonly reason: string;
}

export interface ImportReport {
  readonly kind: ImportKind;
  /** Lines with content, the CSV header not counted. */
  readonly received: number;
  /** Entries that are new. An order of several CSV lines is one entry. */
  readonly created: number;
  /** Entries that replaced a stored one, or an earlier one of this import. */
  readonly updated: number;
  /** Entries that were stored exactly so. */
  readonly unchanged: number;
  /** Lines refused. */
  readonly refused: number;
  /** The first 1,000 of them, by line. */
  readonly errors: readonly LineError[];
  readonly seconds: number;
}

export interface ImportProgress {
  readonly bytes: number;
  readonly received: number;
  readonly refused: number;
}
