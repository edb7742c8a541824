import { Injectable } from '@nestjs/common';

import { WEEKS } from '../../ml/agriculture/season-curve.js';
import { LEAST_PAIRS, type PairCounts } from '../../ml/ranking/co-purchase.js';
import type { RepeatCounts } from '../../ml/ranking/repurchase.js';
import { Database } from '../../platform/database/database.js';
import type { ShopCounts } from './shop-statistics.js';

/** Orders looked at for what is bought together, the latest ones. */
const PAIR_ORDERS = 50_000;
/** Lines of an order above which it says nothing of what goes together, and would cost its square. */
const LARGEST_ORDER = 60;
/** Products kept as bought together with each product. */
const PARTNERS = 20;

/** Counts over all orders and purchases. Slow where they are many: not for the way of a request. */
@Injectable()
export class ShopStatisticsRepository {
  constructor(private readonly database: Database) {}

  async count(): Promise<ShopCounts> {
    return {
      weeklySales: await this.weeklySales(),
      weeklyOrders: await this.weeklyOrders(),
      pairs: await this.pairs(),
      repeats: await this.repeats(),
    };
  }

  private async weeklySales(): Promise<ShopCounts['weeklySales']> {
    const { rows } = await this.database.pool.query<{ product_id: string; weeks: Record<string, number> }>(
      `SELECT product_id, json_object_agg(week, n) AS weeks FROM (
         SELECT product_id, ${week('at')} AS week, count(*)::int AS n FROM (${PURCHASES}) AS bought GROUP BY 1, 2
       ) AS sold GROUP BY product_id`,
    );
    return new Map(rows.map(({ product_id, weeks }) => [product_id, toWeeks(weeks)]));
  }

  private async weeklyOrders(): Promise<Float64Array> {
    const { rows } = await this.database.pool.query<{ weeks: Record<string, number> | null }>(
      `SELECT json_object_agg(week, n) AS weeks FROM (
         SELECT ${week('at')} AS week, count(*)::int AS n FROM (
           SELECT placed_at AS at FROM orders UNION ALL SELECT at FROM events WHERE type IN ('purchase', 'rating')
         ) AS visits GROUP BY 1
       ) AS visited`,
    );
    return toWeeks(rows[0]?.weeks ?? {});
  }

  private async pairs(): Promise<ShopCounts['pairs']> {
    const { rows } = await this.database.pool.query<PairRow>(SELECT_PAIRS, [
      PAIR_ORDERS,
      LARGEST_ORDER,
      LEAST_PAIRS,
      PARTNERS,
    ]);
    const pairs = new Map<string, Map<string, PairCounts>>();
    for (const row of rows) {
      const partners = pairs.get(row.product_id) ?? new Map<string, PairCounts>();
      partners.set(row.partner_id, {
        both: row.both,
        withProduct: row.with_product,
        withPartner: row.with_partner,
        orders: row.orders,
      });
      pairs.set(row.product_id, partners);
    }
    return pairs;
  }

  private async repeats(): Promise<ReadonlyMap<string, RepeatCounts>> {
    const { rows } = await this.database.pool.query<RepeatCounts & { category: string }>(
      `SELECT p.category, count(*)::int AS bought, count(*) FILTER (WHERE days > 1)::int AS "boughtAgain"
       FROM (
         SELECT user_id, product_id, count(DISTINCT (at AT TIME ZONE 'UTC')::date) AS days
         FROM (${PURCHASES}) AS bought GROUP BY 1, 2
       ) AS pair JOIN products p ON p.id = pair.product_id
       GROUP BY p.category`,
    );
    return new Map(rows.map(({ category, bought, boughtAgain }) => [category, { bought, boughtAgain }]));
  }
}

interface PairRow {
  readonly product_id: string;
  readonly partner_id: string;
  readonly both: number;
  readonly with_product: number;
  readonly with_partner: number;
  readonly orders: number;
}

const PURCHASES = `
  SELECT o.user_id, l.product_id, o.placed_at AS at FROM order_lines l JOIN orders o ON o.id = l.order_id
  UNION ALL
  SELECT user_id, product_id, at FROM events WHERE type IN ('purchase', 'rating')`;

const SELECT_PAIRS = `
  WITH latest AS MATERIALIZED (
    SELECT id FROM orders ORDER BY placed_at DESC LIMIT $1
  ), line AS MATERIALIZED (
    SELECT DISTINCT l.order_id, l.product_id FROM order_lines l JOIN latest ON latest.id = l.order_id
  ), small AS (
    SELECT order_id FROM line GROUP BY order_id HAVING count(*) <= $2
  ), basket AS MATERIALIZED (
    SELECT line.* FROM line JOIN small USING (order_id)
  ), single AS (
    SELECT product_id, count(*)::int AS n FROM basket GROUP BY product_id
  ), pair AS (
    SELECT a.product_id, b.product_id AS partner_id, count(*)::int AS n_both
    FROM basket a JOIN basket b ON b.order_id = a.order_id AND b.product_id <> a.product_id
    GROUP BY 1, 2 HAVING count(*) >= $3
  ), ranked AS (
    SELECT pair.*, s.n AS with_product, p.n AS with_partner,
      row_number() OVER (PARTITION BY pair.product_id ORDER BY n_both::float8 * n_both / p.n DESC, pair.partner_id) AS place
    FROM pair JOIN single s ON s.product_id = pair.product_id JOIN single p ON p.product_id = pair.partner_id
  )
  SELECT product_id, partner_id, n_both AS "both", with_product, with_partner, (SELECT count(*)::int FROM small) AS orders
  FROM ranked WHERE place <= $4`;

/** Week of the year as `weekOf` counts it: after 28 February a leap year is a day behind. */
function week(column: string): string {
  const utc = `${column} AT TIME ZONE 'UTC'`;
  const day = `extract(doy FROM ${utc})::int`;
  const isLeap = `extract(doy FROM make_date(extract(year FROM ${utc})::int, 12, 31)) = 366`;
  return `least(${WEEKS - 1}, (${day} - 1 - CASE WHEN ${isLeap} AND ${day} > 60 THEN 1 ELSE 0 END) / 7)`;
}

function toWeeks(counts: Readonly<Record<string, number>>): Float64Array {
  const weeks = new Float64Array(WEEKS);
  for (const [index, count] of Object.entries(counts)) weeks[Number(index)] = count;
  return weeks;
}
