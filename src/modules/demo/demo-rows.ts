import type { Marketplace } from './simulator/marketplace.js';
import { DAY_MS, EVENT_TYPES } from './simulator/marketplace.types.js';
import type { Steps } from './simulator/steps.js';

/** The rows of one table: an INSERT over parallel arrays, and how to make the arrays of a range of rows. */
export interface TableRows {
  readonly table: string;
  readonly sql: string;
  readonly count: number;
  readonly parameters: (from: number, to: number) => readonly unknown[];
}

/**
 * Lays a marketplace out as database rows, in the order that references need.
 *
 * Ids are `farm-1`, `user-1`, `product-1`, `order-1` …: the index in the simulator plus one. Large tables
 * travel as arrays of numbers; the database writes the ids. Each table is a step.
 */
export function* layOut(marketplace: Marketplace): Steps<readonly TableRows[]> {
  const tables: TableRows[] = [];
  for (const rowsOf of [
    farmRows,
    userRows,
    productRows,
    priceRows,
    stockRows,
    orderRows,
    lineRows,
    eventRows,
  ]) {
    tables.push(rowsOf(marketplace));
    yield;
  }
  return tables;
}

function farmRows({ world: { farms, start } }: Marketplace): TableRows {
  return jsonRows(
    'farms',
    `INSERT INTO farms (id, name, latitude, longitude, region, certifications, created_at, updated_at)
     SELECT 'farm-' || r.n, r.name, r.latitude, r.longitude, r.region, r.certifications, r.at, r.at
     FROM jsonb_to_recordset($1::jsonb) AS r (n int, name text, latitude float8, longitude float8, region text,
       certifications jsonb, at timestamptz)`,
    farms.map((farm, i) => ({ n: i + 1, ...farm, at: new Date(start) })),
  );
}

function userRows({ world: { customers, start } }: Marketplace): TableRows {
  return jsonRows(
    'users',
    `INSERT INTO users (id, name, latitude, longitude, region, created_at, updated_at)
     SELECT 'user-' || r.n, r.name, r.latitude, r.longitude, r.region, r.at, r.at
     FROM jsonb_to_recordset($1::jsonb) AS r (n int, name text, latitude float8, longitude float8, region text,
       at timestamptz)`,
    customers.map(({ name, latitude, longitude, region, joinDay }, i) => ({
      n: i + 1,
      name,
      latitude,
      longitude,
      region,
      at: new Date(start + joinDay * DAY_MS),
    })),
  );
}

function productRows({ world, history }: Marketplace): TableRows {
  return jsonRows(
    'products',
    `INSERT INTO products (id, farm_id, name, category, unit, price_minor, currency, season_months,
       shelf_life_days, certifications, stock, created_at, updated_at)
     SELECT 'product-' || r.n, 'farm-' || r.farm, r.name, r.category, r.unit, r.price, 'USD',
       ARRAY(SELECT jsonb_array_elements_text(r.season)::smallint), r.shelf, r.certifications, r.stock, r.at, r.until
     FROM jsonb_to_recordset($1::jsonb) AS r (n int, farm int, name text, category text, unit text, price int,
       season jsonb, shelf int, certifications jsonb, stock numeric, at timestamptz, until timestamptz)`,
    world.products.map((product, i) => ({
      n: i + 1,
      farm: product.farm + 1,
      name: product.name,
      category: product.category,
      unit: product.unit,
      season: product.seasonMonths,
      shelf: product.shelfLifeDays,
      price: world.weeklyPriceMinor[(i + 1) * world.weeks - 1],
      certifications: world.farms[product.farm]?.certifications ?? [],
      stock: history.finalStock[i],
      at: new Date(world.start + product.launchDay * DAY_MS),
      until: new Date(world.options.until),
    })),
  );
}

function priceRows({ world: { products, weeks, weeklyPriceMinor, start } }: Marketplace): TableRows {
  const changes: { readonly product: number[]; readonly at: number[]; readonly price: number[] } = {
    product: [],
    at: [],
    price: [],
  };
  products.forEach(({ launchDay }, product) => {
    let last = -1;
    for (let week = Math.floor(launchDay / 7); week < weeks; week++) {
      const price = weeklyPriceMinor[product * weeks + week]!; // in range
      if (price === last) continue;
      last = price;
      changes.product.push(product + 1);
      changes.at.push(start + week * 7 * DAY_MS);
      changes.price.push(price);
    }
  });
  return {
    table: 'price_changes',
    sql: `INSERT INTO price_changes (product_id, at, price_minor)
          SELECT 'product-' || r.product, to_timestamp(r.at / 1000), r.price
          FROM unnest($1::int[], $2::float8[], $3::int[]) AS r (product, at, price) ON CONFLICT DO NOTHING`,
    count: changes.product.length,
    parameters: (from, to) =>
      [changes.product, changes.at, changes.price].map((column) => list(column, from, to)),
  };
}

/** The last level of each product is what it has at `until`. */
function stockRows({ world, history: { stock, finalStock } }: Marketplace): TableRows {
  const earlier = stock.product.length;
  const count = earlier + finalStock.length;
  const product = new Int32Array(count);
  product.set(stock.product);
  product.subarray(earlier).forEach((_, i) => (product[earlier + i] = i));
  const at = new Float64Array(count).fill(world.options.until, earlier);
  at.set(stock.at);
  const quantity = new Float64Array(count);
  quantity.set(stock.quantity);
  quantity.set(finalStock, earlier);
  const columns = [product, at, quantity];
  return {
    table: 'stock_levels',
    sql: `INSERT INTO stock_levels (product_id, at, quantity)
          SELECT 'product-' || (r.product + 1), to_timestamp(r.at / 1000), r.quantity
          FROM unnest($1::int[], $2::float8[], $3::numeric[]) AS r (product, at, quantity) ON CONFLICT DO NOTHING`,
    count,
    parameters: (from, to) => columns.map((column) => list(column, from, to)),
  };
}

function orderRows({ history: { orders } }: Marketplace): TableRows {
  return {
    table: 'orders',
    sql: `INSERT INTO orders (id, user_id, placed_at, created_at)
          SELECT 'order-' || ($1::int + r.n), 'user-' || (r.customer + 1), to_timestamp(r.at / 1000),
            to_timestamp(r.at / 1000)
          FROM unnest($2::int[], $3::float8[]) WITH ORDINALITY AS r (customer, at, n)`,
    count: orders.customer.length,
    parameters: (from, to) => [from, list(orders.customer, from, to), list(orders.at, from, to)],
  };
}

function lineRows({ history: { orders } }: Marketplace): TableRows {
  const order = new Int32Array(orders.lineProduct.length);
  const number = new Int32Array(orders.lineProduct.length);
  for (let i = 0; i < orders.customer.length; i++) {
    const first = orders.lineStart[i]!; // in range
    for (let line = first; line < orders.lineStart[i + 1]!; line++) {
      order[line] = i + 1;
      number[line] = line - first + 1;
    }
  }
  const columns = [order, number, orders.lineProduct, orders.lineQuantity, orders.linePriceMinor];
  return {
    table: 'order_lines',
    sql: `INSERT INTO order_lines (order_id, line_number, product_id, quantity, unit_price_minor)
          SELECT 'order-' || r.order_number, r.line, 'product-' || (r.product + 1), r.quantity, r.price
          FROM unnest($1::int[], $2::int[], $3::int[], $4::numeric[], $5::int[])
            AS r (order_number, line, product, quantity, price)`,
    count: order.length,
    parameters: (from, to) => columns.map((column) => list(column, from, to)),
  };
}

function eventRows({ events }: Marketplace): TableRows {
  const columns = [events.type, events.at, events.customer, events.product, events.value];
  const types = EVENT_TYPES.map((type) => `'${type}'`).join(',');
  return {
    table: 'events',
    sql: `INSERT INTO events (id, type, at, user_id, product_id, value)
          SELECT 'event-' || ($1::int + r.n), (ARRAY[${types}])[r.type + 1]::event_type, to_timestamp(r.at / 1000),
            'user-' || (r.customer + 1), 'product-' || (r.product + 1), nullif(r.value, 'NaN')
          FROM unnest($2::int[], $3::float8[], $4::int[], $5::int[], $6::float8[]) WITH ORDINALITY
            AS r (type, at, customer, product, value, n)`,
    count: events.type.length,
    parameters: (from, to) => [from, ...columns.map((column) => list(column, from, to))],
  };
}

function jsonRows(table: string, sql: string, rows: readonly object[]): TableRows {
  return {
    table,
    sql,
    count: rows.length,
    parameters: (from, to) => [JSON.stringify(rows.slice(from, to))],
  };
}

/** An array literal of PostgreSQL: the driver's own conversion is ten times slower. */
function list(
  values: { slice(from: number, to: number): { join(separator: string): string } },
  from: number,
  to: number,
): string {
  return `{${values.slice(from, to).join(',')}}`;
}
