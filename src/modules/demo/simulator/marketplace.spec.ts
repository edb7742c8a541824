import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { isCertified, seasonCurve } from './laws.js';
import { DEFAULT_MARKETPLACE, simulateMarketplace, type Marketplace } from './marketplace.js';
import { DAY_MS, type MarketplaceOptions } from './marketplace.types.js';
import { distanceKm } from '../../../ml/agriculture/locality.js';
import { trueChoiceProbabilities, trueElasticity, trueMeanDemand, trueUtility } from './truth.js';

const OPTIONS: MarketplaceOptions = {
  ...DEFAULT_MARKETPLACE,
  farms: 24,
  products: 160,
  customers: 300,
  orderLines: 24_000,
  years: 1,
  seed: 7,
  until: Date.UTC(2026, 0, 1),
};

function digest(value: unknown): string {
  const hash = createHash('sha256');
  const add = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(add);
    else hash.update(String(part));
  };
  add(value);
  return hash.digest('hex');
}

interface SoldLine {
  readonly customer: number;
  readonly product: number;
  readonly quantity: number;
  readonly at: number;
}

function linesOf({ history: { orders } }: Marketplace): readonly SoldLine[] {
  return [...orders.customer].flatMap((customer, order) =>
    Array.from({ length: orders.lineStart[order + 1]! - orders.lineStart[order]! }, (_, i) => {
      const line = orders.lineStart[order]! + i;
      const [product, quantity] = [orders.lineProduct[line]!, orders.lineQuantity[line]!];
      return { customer, product, quantity, at: orders.at[order]! };
    }),
  );
}

describe('the demo marketplace', () => {
  const marketplace = simulateMarketplace(OPTIONS);
  const { world, history, events } = marketplace;
  const lines = linesOf(marketplace);
  const weekOf = (at: number): number => Math.floor((at - world.start) / (7 * DAY_MS));

  it('is the same from the same seed and another from another', () => {
    expect(digest(simulateMarketplace(OPTIONS))).toBe(digest(marketplace));
    expect(digest(simulateMarketplace({ ...OPTIONS, seed: 8 }))).not.toBe(digest(marketplace));
  });

  it('has the size that was asked for', () => {
    expect([world.farms.length, world.products.length, world.customers.length]).toEqual([24, 160, 300]);
    // the fewer products there are, the more wishes of an order become one line
    expect(lines.length / OPTIONS.orderLines).toBeGreaterThan(0.8);
    expect(lines.length / OPTIONS.orderLines).toBeLessThan(1.1);
    expect(events.type.length).toBeGreaterThan(lines.length / 3);
  });

  it('sells nothing out of season or before it is launched, and to nobody who has not joined', () => {
    const wrong = lines.filter(({ product, customer, at }) => {
      const { seasonMonths, launchDay } = world.products[product]!;
      const isOffSeason = seasonCurve(seasonMonths, at) === undefined;
      return (
        isOffSeason || at < world.start + Math.max(launchDay, world.customers[customer]!.joinDay) * DAY_MS
      );
    });
    expect(wrong).toEqual([]);
  });

  it('sells no more than was harvested for the week', () => {
    const left = new Map<string, number>();
    const { stock } = history;
    stock.product.forEach((product, i) => {
      if (stock.quantity[i]! > 0) left.set(`${product} ${weekOf(stock.at[i]!)}`, stock.quantity[i]!);
    });
    for (const { product, quantity, at } of lines) {
      const key = `${product} ${weekOf(at)}`;
      left.set(key, (left.get(key) ?? 0) - quantity);
    }
    expect(Math.min(...left.values())).toBeGreaterThanOrEqual(0);
    expect([...left.values()].filter((quantity) => quantity === 0).length).toBeGreaterThan(20);
  });

  it('chooses by the true utility: a wish is a softmax of it', () => {
    const at = Date.UTC(2025, 6, 1);
    const probabilities = trueChoiceProbabilities(world, 5, at);
    const weights = world.products.map((_, product) =>
      Math.exp(trueUtility(world, { customer: 5, product, at })),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, product) => expect(probabilities[product]).toBeCloseTo(weight / total, 12));
  });

  it('sells what the law makes expect, less what was sold out', () => {
    let [expected, sold] = [0, 0];
    for (let week = 0; week < world.weeks; week++) {
      world.products.forEach((_, product) => (expected += trueMeanDemand(world, history, product, week)));
    }
    for (const { quantity } of lines) sold += quantity;
    expect(sold / expected).toBeGreaterThan(0.95);
    expect(sold / expected).toBeLessThan(1.02);
  });

  it('chooses nearer farms more', () => {
    const km = ({ customer, product }: SoldLine): number => {
      const farm = world.farms[world.products[product]!.farm]!;
      return distanceKm(world.customers[customer]!, farm);
    };
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const shuffled = lines.map((line, i) => ({
      ...line,
      customer: lines[(i * 7919) % lines.length]!.customer,
    }));
    expect(mean(lines.map(km)) / mean(shuffled.map(km))).toBeLessThan(0.85);
  });

  it('shows its elasticity to a Poisson regression of sales on price with the rest of the utility known', () => {
    // score of log μ = offset − b·x: Σ x (y − e^(offset − b·x)) = 0, solved by Newton's method
    const rows: { x: number; y: number; base: number; elasticity: number }[] = [];
    const soldInWeek = new Map<string, number>();
    for (const { product, quantity, at } of lines) {
      const key = `${product} ${weekOf(at)}`;
      soldInWeek.set(key, (soldInWeek.get(key) ?? 0) + quantity);
    }
    world.products.forEach(({ basePriceMinor }, product) => {
      for (let week = 0; week < world.weeks; week++) {
        const mean = trueMeanDemand(world, history, product, week);
        const x = Math.log(world.weeklyPriceMinor[product * world.weeks + week]! / basePriceMinor);
        const elasticity = trueElasticity(world, product);
        const base = mean * Math.exp(elasticity * x);
        if (mean > 0) rows.push({ x, y: soldInWeek.get(`${product} ${week}`) ?? 0, base, elasticity });
      }
    });
    let b = 0;
    for (let step = 0; step < 20; step++) {
      let [score, information] = [0, 0];
      for (const { x, y, base } of rows) {
        const mean = base * Math.exp(-b * x);
        score += x * (mean - y);
        information += x * x * mean;
      }
      b += score / information;
    }
    const weight = (row: { x: number; base: number }): number => row.x ** 2 * row.base;
    const truth =
      rows.reduce((sum, row) => sum + weight(row) * row.elasticity, 0) /
      rows.reduce((sum, row) => sum + weight(row), 0);
    expect(truth).toBeGreaterThan(1);
    expect(Math.abs(b - truth)).toBeLessThan(0.25);
  });

  it('rewards whoever knows tastes: the true utility finds twice as many purchases as popularity', () => {
    const split = lines[Math.floor(lines.length * 0.9)]!.at;
    const counts = new Float64Array(world.products.length);
    for (const { product, at } of lines) if (at < split) counts[product]! += 1;
    let [byTaste, byPopularity] = [0, 0];
    for (const { customer, product, at } of lines.filter((line) => line.at >= split)) {
      const probabilities = trueChoiceProbabilities(world, customer, at);
      const rankOf = (score: Float64Array): number =>
        score.filter((value, i) => probabilities[i]! > 0 && value > score[product]!).length;
      byTaste += rankOf(probabilities) < 10 ? 1 : 0;
      byPopularity += rankOf(counts) < 10 ? 1 : 0;
    }
    expect(byTaste / byPopularity).toBeGreaterThan(2);
  });

  it('does not count an expired certification', () => {
    const farm = world.farms.find(({ certifications }) => certifications.length > 0)!;
    const until = Date.parse(farm.certifications[0]!.validUntil);
    expect(isCertified(farm, until)).toBe(true);
    expect(isCertified(farm, until + DAY_MS)).toBe(false);
  });
});
