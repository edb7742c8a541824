import type { CatalogService } from '../../catalog/catalog.service.js';
import type { EventsService } from '../../events/events.service.js';
import type { ImportKind, ImportOptions } from '../import.types.js';
import { farmsPlan, priceChangesPlan, productsPlan, stockLevelsPlan, usersPlan } from './catalog-plans.js';
import { eventsPlan } from './events-plan.js';
import type { KindPlan } from './kind-plan.js';
import { ordersPlan } from './orders-plan.js';

interface Services {
  readonly catalog: CatalogService;
  readonly events: EventsService;
}

/** Every kind that can be imported and how: the one list. */
export function createPlan(
  kind: ImportKind,
  { catalog, events }: Services,
  options: ImportOptions,
): KindPlan {
  const plans: Readonly<Record<ImportKind, () => KindPlan>> = {
    users: () => usersPlan(catalog),
    farms: () => farmsPlan(catalog),
    products: () => productsPlan(catalog),
    orders: () => ordersPlan(events, options),
    events: () => eventsPlan(events),
    'price-changes': () => priceChangesPlan(catalog),
    'stock-levels': () => stockLevelsPlan(catalog),
  };
  return plans[kind]();
}
