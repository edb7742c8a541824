import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';

import type { Certification } from '../../ml/agriculture/certification.js';
import { seasonMask } from '../../ml/agriculture/season.js';
import { Database } from '../../platform/database/database.js';
import type { ProductFacts } from './catalog-product.js';
import { freeze, LOG_BEGIN, readLog, type LogPosition } from './change-log.js';

/** What to do with the products that are read; awaited before more of them are. */
export interface CatalogReader {
  /** How many are about to come. */
  readonly onCount: (count: number) => Promise<void>;
  readonly onProducts: (products: readonly ProductFacts[]) => Promise<void>;
  readonly onDeleted: (productIds: readonly string[]) => Promise<void>;
}

type ProductRow = readonly [
  id: string,
  name: string,
  category: string,
  farmId: string | null,
  latitude: number | null,
  longitude: number | null,
  region: string | null,
  unit: string,
  priceMinor: number | null,
  currency: string,
  isAvailable: boolean,
  seasonMonths: string,
  shelfLifeDays: number | null,
  certifications: string,
  farmCertifications: string | null,
  listedAt: number,
];

/** Some 5 ms of work. */
const ROWS_PER_FETCH = 500;
const LOG = 'product_changes';

const PRODUCTS = `
  SELECT p.id, p.name, p.category, p.farm_id, f.latitude, f.longitude, f.region, p.unit, p.price_minor, p.currency,
    p.active AND coalesce(p.stock > 0, true), p.season_months::text, p.shelf_life_days, p.certifications::text,
    f.certifications::text, (extract(epoch FROM p.created_at) * 1000)::float8
  FROM products p LEFT JOIN farms f ON f.id = p.farm_id`;

const CHANGED_IDS = `SELECT DISTINCT unnest(product_ids) AS id FROM ${LOG} WHERE id = ANY($1)`;

/** Reads the catalogue as serving needs it: once in full, then what has changed. */
@Injectable()
export class CatalogIndexRepository {
  private readonly seasons = new Map<string, number>();
  private readonly certifications = new Map<string, readonly Certification[]>();

  constructor(private readonly database: Database) {}

  /** Reads all products. @returns Where to go on from. */
  async readAll({ onCount, onProducts }: Omit<CatalogReader, 'onDeleted'>): Promise<LogPosition> {
    return this.database.transaction(async (client) => {
      await freeze(client);
      const { position } = await readLog(client, LOG, LOG_BEGIN);
      const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM products');
      await onCount(rows[0]!.count); // an aggregate has one row
      await this.stream(client, PRODUCTS, [], onProducts);
      return position;
    });
  }

  /** Reads the products that were written or deleted since. @returns Where to go on from. */
  async readSince(
    since: LogPosition,
    { onCount, onProducts, onDeleted }: CatalogReader,
  ): Promise<LogPosition> {
    return this.database.transaction(async (client) => {
      await freeze(client);
      const { ids, position } = await readLog(client, LOG, since);
      if (ids.length === 0) return position;
      const { rows } = await client.query<{ id: string; is_deleted: boolean }>(
        `SELECT c.id, p.id IS NULL AS is_deleted FROM (${CHANGED_IDS}) AS c LEFT JOIN products p ON p.id = c.id`,
        [ids],
      );
      const deleted = rows.filter(({ is_deleted }) => is_deleted).map(({ id }) => id);
      await onCount(rows.length - deleted.length);
      await this.stream(client, `${PRODUCTS} WHERE p.id IN (${CHANGED_IDS})`, [ids], onProducts);
      await onDeleted(deleted);
      return position;
    });
  }

  /** Forgets changes that are older. */
  async prune(minutes: number): Promise<void> {
    await this.database.pool.query(`DELETE FROM ${LOG} WHERE at < now() - make_interval(mins => $1)`, [
      minutes,
    ]);
  }

  /** Some rows at a time, so that neither memory nor the event loop has to hold a million. */
  private async stream(
    client: PoolClient,
    sql: string,
    values: unknown[],
    onProducts: CatalogReader['onProducts'],
  ): Promise<void> {
    await client.query(`DECLARE read NO SCROLL CURSOR FOR ${sql}`, values);
    for (;;) {
      const { rows } = await client.query<ProductRow & unknown[]>({
        text: `FETCH ${ROWS_PER_FETCH} FROM read`,
        rowMode: 'array',
      });
      if (rows.length === 0) return;
      await onProducts(rows.map((row) => this.toFacts(row)));
    }
  }

  private toFacts(row: ProductRow): ProductFacts {
    const [id, name, category, farmId, latitude, longitude, region, unit, priceMinor, currency, ...rest] =
      row;
    const [isAvailable, seasonMonths, shelfLifeDays, certifications, farmCertifications, listedAt] = rest;
    return {
      id,
      name,
      category,
      farmId: farmId ?? undefined,
      place: latitude === null || longitude === null ? undefined : { latitude, longitude },
      region: region ?? undefined,
      unit,
      priceMinor: priceMinor ?? undefined,
      currency,
      season: this.seasonOf(seasonMonths),
      shelfLifeDays: shelfLifeDays ?? undefined,
      listedAt,
      certifications: this.certificationsOf(certifications, farmCertifications),
      isAvailable,
    };
  }

  /** @param months As PostgreSQL writes an array: `{5,6}`. */
  private seasonOf(months: string): number {
    const known = this.seasons.get(months);
    if (known !== undefined) return known;
    const mask = seasonMask(months.slice(1, -1).split(',').filter(Boolean).map(Number));
    this.seasons.set(months, mask);
    return mask;
  }

  /** The same array for the same text: the catalogue keeps it once. */
  private certificationsOf(product: string, farm: string | null): readonly Certification[] {
    const key = `${product}\n${farm}`;
    const known = this.certifications.get(key);
    if (known) return known;
    const parsed = [product, farm ?? '[]'].flatMap((text) => JSON.parse(text) as Certification[]);
    this.certifications.set(key, parsed);
    return parsed;
  }
}
