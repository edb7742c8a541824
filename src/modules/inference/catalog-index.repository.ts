import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { Certification } from '../../ml/agriculture/certification.js';
import type { Place } from '../../ml/agriculture/locality.js';
import { seasonMask } from '../../ml/agriculture/season.js';
import { CatalogIndex, type CatalogProduct } from './catalog-index.js';

interface ProductRow {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly farm_id: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly unit: string;
  readonly price_minor: number | null;
  readonly currency: string;
  readonly season_months: readonly number[];
  readonly certifications: readonly Certification[];
  readonly available: boolean;
}

/** How often each product was bought, by month. */
export type PurchaseCounts = ReadonlyMap<string, readonly number[]>;

const NO_PURCHASES: readonly number[] = Array.from({ length: 12 }, () => 0);

const COUNT_BY_MONTH = NO_PURCHASES.map(
  (_, index) => `count(*) FILTER (WHERE month = ${index + 1})::int`,
).join(', ');

/** Reads the catalogue as serving needs it. */
@Injectable()
export class CatalogIndexRepository {
  constructor(private readonly database: Database) {}

  async read(purchases: PurchaseCounts): Promise<CatalogIndex> {
    const { rows } = await this.database.pool.query<ProductRow>(
      `SELECT p.id, p.name, p.category, p.farm_id, f.latitude, f.longitude, p.unit, p.price_minor, p.currency, p.season_months,
              p.certifications || coalesce(f.certifications, '[]'::jsonb) AS certifications,
              p.active AND coalesce(p.stock > 0, true) AS available
       FROM products p LEFT JOIN farms f ON f.id = p.farm_id ORDER BY p.id`,
    );
    return new CatalogIndex(rows.map((row) => toProduct(row, purchases.get(row.id) ?? NO_PURCHASES)));
  }

  /** @returns undefined for a user that is unknown or has no place. */
  async findPlace(userId: string): Promise<Place | undefined> {
    const { rows } = await this.database.pool.query<Place>(
      'SELECT latitude, longitude FROM users WHERE id = $1 AND latitude IS NOT NULL AND longitude IS NOT NULL',
      [userId],
    );
    return rows[0];
  }

  async countPurchases(): Promise<PurchaseCounts> {
    const { rows } = await this.database.pool.query<{ product_id: string; months: readonly number[] }>(
      `SELECT product_id, ARRAY[${COUNT_BY_MONTH}] AS months
       FROM (
         SELECT l.product_id, extract(month FROM o.placed_at AT TIME ZONE 'UTC') AS month
         FROM order_lines l JOIN orders o ON o.id = l.order_id
         UNION ALL
         SELECT product_id, extract(month FROM at AT TIME ZONE 'UTC') FROM events WHERE type IN ('purchase', 'rating')
       ) AS bought
       GROUP BY product_id`,
    );
    return new Map(rows.map(({ product_id, months }) => [product_id, months]));
  }
}

function toProduct(row: ProductRow, purchasesByMonth: readonly number[]): CatalogProduct {
  return {
    id: row.id,
    name: row.name,
    category: row.category,
    farmId: row.farm_id ?? undefined,
    place:
      row.latitude === null || row.longitude === null
        ? undefined
        : { latitude: row.latitude, longitude: row.longitude },
    unit: row.unit,
    priceMinor: row.price_minor ?? undefined,
    currency: row.currency,
    season: seasonMask(row.season_months),
    certifications: row.certifications,
    isAvailable: row.available,
    purchasesByMonth,
    imprint: [
      row.available,
      row.price_minor,
      row.currency,
      row.name,
      row.category,
      row.unit,
      row.farm_id,
      row.latitude,
      row.longitude,
      row.season_months.join(),
      row.certifications.length === 0 ? '' : JSON.stringify(row.certifications),
    ].join('|'),
  };
}
