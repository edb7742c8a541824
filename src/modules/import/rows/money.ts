import type { Fields } from '../kinds/kind-plan.js';
import { toMinorUnits } from './market-readers.js';
import { Refusal } from './refusal.js';

/** Where a row says a price: in major units as decimal text, or in minor units. */
interface PriceFields {
  readonly major: string;
  readonly minor: string;
}

/** @returns Minor units; undefined when the row says no price, null when it clears the price. */
export function readPrice(
  fields: Fields,
  { major, minor }: PriceFields,
  currency: string,
): number | null | undefined | Refusal {
  const [decimal, units] = [fields[major], fields[minor]];
  if (decimal === undefined) return units as number | null | undefined; // read by its shape
  if (units !== undefined) return new Refusal(`${major} and ${minor} must not both be given`, major);
  if (decimal === null) return null;
  const converted = toMinorUnits(decimal as string, currency); // read by its shape
  return converted ?? Refusal.of(major, `a decimal with no more places than ${currency} has`, decimal);
}
