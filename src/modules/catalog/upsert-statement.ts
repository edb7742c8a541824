/** A field of the row, the column it is kept in, and what a new row gets where the field is absent or null. */
export interface UpsertColumn {
  readonly field: string;
  readonly column: string;
  /** How to read the field out of the JSON object `j.row`, e.g. `(j.row->>'latitude')::float8`. */
  readonly read: string;
  /** SQL default of a NOT NULL column. */
  readonly fallback?: string;
}

/**
 * Writes an upsert of a list of JSON rows ($1) by id that counts what it did.
 *
 * An absent field keeps the stored value, null clears it (or sets the default). Rows that are stored
 * already are not written again: their `updated_at`, triggers and the write-ahead log stay quiet.
 */
export function upsertStatement(table: string, columns: readonly UpsertColumn[]): string {
  const names = columns.map(({ column }) => column);
  const values = columns.map(({ field, column, read, fallback }) => {
    const given = fallback === undefined ? read : `coalesce(${read}, ${fallback})`;
    const otherwise = fallback === undefined ? `t.${column}` : `coalesce(t.${column}, ${fallback})`;
    return `CASE WHEN j.row ? '${field}' THEN ${given} ELSE ${otherwise} END`;
  });
  return `
    WITH written AS (
      INSERT INTO ${table} AS s (id, ${names.join(', ')}, created_at, updated_at)
      SELECT j.row->>'id', ${values.join(', ')}, now(), now()
      FROM jsonb_array_elements($1::jsonb) AS j (row) LEFT JOIN ${table} t ON t.id = j.row->>'id'
      ON CONFLICT (id) DO UPDATE
      SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = excluded.updated_at
      WHERE (${names.map((name) => `s.${name}`).join(', ')})
        IS DISTINCT FROM (${names.map((name) => `excluded.${name}`).join(', ')})
      RETURNING xmax = 0 AS created
    )
    SELECT count(*) FILTER (WHERE created)::int AS created, count(*) FILTER (WHERE NOT created)::int AS updated
    FROM written`;
}
