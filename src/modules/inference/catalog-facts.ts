import { distanceKm, type Place } from '../../ml/agriculture/locality.js';
import { nameTokens, type ProductTraits } from '../../ml/ranking/product-traits.js';
import type { CatalogProduct } from './catalog-index.js';

const known = new WeakMap<CatalogProduct, ProductTraits>();

/** What a product is, for comparisons; worked out once a product. */
export function traitsOf(product: CatalogProduct): ProductTraits {
  const traits = known.get(product);
  if (traits !== undefined) return traits;
  const kinds = product.certifications.map(({ kind }) => kind.toLowerCase());
  const made: ProductTraits = {
    category: product.category,
    farmId: product.farmId,
    unit: product.unit,
    tokens: nameTokens(product.name),
    season: product.season,
    certifications: [...new Set(kinds)].sort(),
  };
  known.set(product, made);
  return made;
}

/** How far products are from a place: worked out once a farm, not once a product. */
export class Distances {
  private readonly ofFarm = new Map<string, number>();

  constructor(private readonly home: Place) {}

  /** Kilometres; infinite without a farm or where nobody said where it is. */
  km({ farmId, place }: Pick<CatalogProduct, 'farmId' | 'place'>): number {
    if (farmId === undefined || place === undefined) return Number.POSITIVE_INFINITY;
    const ready = this.ofFarm.get(farmId);
    if (ready !== undefined) return ready;
    const distance = distanceKm(this.home, place);
    this.ofFarm.set(farmId, distance);
    return distance;
  }
}
