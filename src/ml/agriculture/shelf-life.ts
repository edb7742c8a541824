const DAY_MS = 86_400_000;

/** Whole days from one ISO 8601 date to another; negative when `to` is before `from`. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY_MS);
}

/**
 * Whether what is in stock today is still good on the day of delivery: shelf life ≥ days between the two.
 *
 * A catalogue knows no day of harvest, so stock counts as harvested today, which is the best case: a product that
 * fails has surely gone off. A product without a shelf life keeps.
 *
 * @param shelfLifeDays Days from harvest on which it can be sold, ≥ 0.
 */
export function lastsUntil(shelfLifeDays: number | undefined, today: string, deliveryDay: string): boolean {
  return shelfLifeDays === undefined || daysBetween(today, deliveryDay) <= shelfLifeDays;
}
