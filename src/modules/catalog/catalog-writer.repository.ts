import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type {
  FarmRow,
  PriceChangeRow,
  ProductFacts,
  ProductRow,
  Queryable,
  SavedCounts,
  StockLevelRow,
  UserRow,
} from './catalog.types.js';
import { upsertStatement, type UpsertColumn } from './upsert-statement.js';

/** Writes users, farms and products in batches. A batch holds an id (or a product and time) at most once. */
@Injectable()
export class CatalogWriterRepository {
  constructor(private readonly database: Database) {}

  async saveUsers(rows: readonly UserRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(SAVE_USERS, rows, connection);
  }

  async saveFarms(rows: readonly FarmRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(SAVE_FARMS, rows, connection);
  }

  async saveProducts(rows: readonly ProductRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(SAVE_PRODUCTS, rows, connection);
  }

  async savePriceChanges(rows: readonly PriceChangeRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(historyStatement('price_changes', 'price_minor', 'priceMinor', 'int'), rows, connection);
  }

  async saveStockLevels(rows: readonly StockLevelRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(historyStatement('stock_levels', 'quantity', 'quantity', 'numeric'), rows, connection);
  }

  /** Makes users of whom only the id is known; those that exist stay as they are. */
  async createBareUsers(ids: readonly string[], connection?: Queryable): Promise<void> {
    await (connection ?? this.database.pool).query(
      'INSERT INTO users (id, name) SELECT id, id FROM unnest($1::text[]) AS id ON CONFLICT DO NOTHING',
      [ids],
    );
  }

  /** Makes products of which little more than the id is known, in the category OTHER. */
  async createBareProducts(
    products: ReadonlyMap<string, Partial<ProductFacts>>,
    connection?: Queryable,
  ): Promise<void> {
    await (connection ?? this.database.pool).query(
      `INSERT INTO products (id, name, category, unit, currency)
       SELECT id, id, 'OTHER', coalesce(unit, 'piece'), coalesce(currency, 'EUR')
       FROM jsonb_to_recordset($1::jsonb) AS r (id text, unit text, currency text) ON CONFLICT DO NOTHING`,
      [JSON.stringify([...products].map(([id, facts]) => ({ id, ...facts })))],
    );
  }

  private async save(sql: string, rows: readonly object[], connection?: Queryable): Promise<SavedCounts> {
    const { rows: answers } = await (connection ?? this.database.pool).query(sql, [JSON.stringify(rows)]);
    const { created, updated } = answers[0] as { created: number; updated: number }; // the one row of a count
    return { created, updated, unchanged: rows.length - created - updated };
  }
}

const text = (field: string, column: string, fallback?: string): UpsertColumn => ({
  field,
  column,
  read: `j.row->>'${field}'`,
  ...(fallback === undefined ? {} : { fallback }),
});

const typed = (field: string, column: string, type: string, fallback?: string): UpsertColumn => ({
  ...text(field, column, fallback),
  read: `(j.row->>'${field}')::${type}`,
});

const PLACE = [
  typed('latitude', 'latitude', 'float8'),
  typed('longitude', 'longitude', 'float8'),
  text('region', 'region'),
];
/** A JSON null is not an SQL NULL: `->>` makes it one. */
const CERTIFICATIONS = typed('certifications', 'certifications', 'jsonb', `'[]'::jsonb`);

const SAVE_USERS = upsertStatement('users', [
  text('name', 'name'),
  ...PLACE,
  typed('preferences', 'preferences', 'jsonb', `'{}'::jsonb`),
]);

const SAVE_FARMS = upsertStatement('farms', [text('name', 'name'), ...PLACE, CERTIFICATIONS]);

const SAVE_PRODUCTS = upsertStatement('products', [
  text('farmId', 'farm_id'),
  text('name', 'name'),
  text('category', 'category'),
  text('unit', 'unit', `'piece'`),
  typed('priceMinor', 'price_minor', 'int'),
  text('currency', 'currency', `'EUR'::bpchar`),
  {
    field: 'seasonMonths',
    column: 'season_months',
    read: `(SELECT array_agg(m::smallint ORDER BY m::smallint)
            FROM jsonb_array_elements_text(nullif(j.row->'seasonMonths', 'null'::jsonb)) AS m)`,
    fallback: `'{}'::smallint[]`,
  },
  typed('shelfLifeDays', 'shelf_life_days', 'int'),
  CERTIFICATIONS,
  typed('stock', 'stock', 'numeric(14, 3)'),
  typed('active', 'active', 'boolean', 'true'),
]);

function historyStatement(table: string, column: string, field: string, type: string): string {
  return `
    WITH written AS (
      INSERT INTO ${table} AS s (product_id, at, ${column})
      SELECT "productId", at, "${field}"
      FROM jsonb_to_recordset($1::jsonb) AS r ("productId" text, at timestamptz, "${field}" ${type})
      ON CONFLICT (product_id, at) DO UPDATE SET ${column} = excluded.${column}
      WHERE s.${column} IS DISTINCT FROM excluded.${column}
      RETURNING xmax = 0 AS created
    )
    SELECT count(*) FILTER (WHERE created)::int AS created, count(*) FILTER (WHERE NOT created)::int AS updated
    FROM written`;
}
