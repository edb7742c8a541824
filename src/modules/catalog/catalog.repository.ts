import { Injectable } from '@nestjs/common';

import type { PageRequest } from '../../common/cursor-page.js';
import { Database } from '../../platform/database/database.js';
import type {
  ProductFacts,
  ProductFilter,
  Queryable,
  StoredFarm,
  StoredProduct,
  StoredUser,
} from './catalog.types.js';

const USER_COLUMNS = `id, name, latitude, longitude, region, preferences, created_at AS "createdAt",
  updated_at AS "updatedAt"`;
const FARM_COLUMNS = `id, name, latitude, longitude, region, certifications, created_at AS "createdAt",
  updated_at AS "updatedAt"`;
const PRODUCT_COLUMNS = `id, farm_id AS "farmId", name, category, unit, price_minor AS "priceMinor", currency,
  season_months AS "seasonMonths", shelf_life_days AS "shelfLifeDays", certifications, stock, active,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Reads users, farms and products. */
@Injectable()
export class CatalogRepository {
  constructor(private readonly database: Database) {}

  async findUser(id: string): Promise<StoredUser | undefined> {
    return this.findOne<StoredUser>(`SELECT ${USER_COLUMNS} FROM users WHERE id = $1`, id);
  }

  async findFarm(id: string): Promise<StoredFarm | undefined> {
    return this.findOne<StoredFarm>(`SELECT ${FARM_COLUMNS} FROM farms WHERE id = $1`, id);
  }

  async findProduct(id: string): Promise<StoredProduct | undefined> {
    return this.findOne<StoredProduct>(`SELECT ${PRODUCT_COLUMNS} FROM products WHERE id = $1`, id);
  }

  /** @returns Up to `limit + 1` products, newest first. */
  async listProducts(
    { category, farmId, active }: ProductFilter,
    { limit, after }: PageRequest,
  ): Promise<readonly StoredProduct[]> {
    const { rows } = await this.database.pool.query<StoredProduct>(
      `SELECT ${PRODUCT_COLUMNS} FROM products
       WHERE ($1::text IS NULL OR category = $1) AND ($2::text IS NULL OR farm_id = $2)
         AND ($3::boolean IS NULL OR active = $3)
         AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
       ORDER BY created_at DESC, id DESC LIMIT $6`,
      [category, farmId, active, after?.createdAt, after?.id, limit + 1],
    );
    return rows;
  }

  async findUserIds(ids: readonly string[], connection?: Queryable): Promise<readonly string[]> {
    return this.findIds('users', ids, connection);
  }

  async findFarmIds(ids: readonly string[], connection?: Queryable): Promise<readonly string[]> {
    return this.findIds('farms', ids, connection);
  }

  async findProductFacts(
    ids: readonly string[],
    connection?: Queryable,
  ): Promise<ReadonlyMap<string, ProductFacts>> {
    const { rows } = await (connection ?? this.database.pool).query(
      'SELECT id, unit, currency FROM products WHERE id = ANY ($1::text[])',
      [ids],
    );
    const facts = rows as (ProductFacts & { id: string })[]; // the columns of the statement
    return new Map(facts.map(({ id, unit, currency }) => [id, { unit, currency }]));
  }

  private async findIds(
    table: 'users' | 'farms',
    ids: readonly string[],
    connection?: Queryable,
  ): Promise<readonly string[]> {
    const { rows } = await (connection ?? this.database.pool).query(
      `SELECT id FROM ${table} WHERE id = ANY ($1::text[])`,
      [ids],
    );
    return (rows as { id: string }[]).map(({ id }) => id); // the column of the statement
  }

  private async findOne<Row extends object>(sql: string, id: string): Promise<Row | undefined> {
    const { rows } = await this.database.pool.query<Row>(sql, [id]);
    return rows[0];
  }
}
