import type { CatalogService } from '../../catalog/catalog.service.js';
import type {
  FarmRow,
  PriceChangeRow,
  ProductRow,
  StockLevelRow,
  UserRow,
} from '../../catalog/catalog.types.js';
import { readPrice } from '../rows/money.js';
import { Refusal } from '../rows/refusal.js';
import { SHAPES } from '../rows/shapes.js';
import { recordFields, SingleAssembler, type Fields, type KindPlan } from './kind-plan.js';

const PRICE = { major: 'price', minor: 'priceMinor' };
const DEFAULT_CURRENCY = 'EUR';

export function usersPlan(catalog: CatalogService): KindPlan {
  return {
    ...singlePlan('users'),
    references: () => ({}),
    finish: (fields) => fields,
    keyOf: ({ id }: UserRow) => id,
    save: async (rows: readonly UserRow[], connection) => catalog.saveUsers(rows, connection),
  };
}

export function farmsPlan(catalog: CatalogService): KindPlan {
  return {
    ...singlePlan('farms'),
    references: () => ({}),
    finish: (fields) => fields,
    keyOf: ({ id }: FarmRow) => id,
    save: async (rows: readonly FarmRow[], connection) => catalog.saveFarms(rows, connection),
  };
}

export function productsPlan(catalog: CatalogService): KindPlan {
  return {
    ...singlePlan('products'),
    references: ({ farmId }) => (typeof farmId === 'string' ? { farms: [farmId] } : {}),
    finish: finishProduct,
    keyOf: ({ id }: ProductRow) => id,
    save: async (rows: readonly ProductRow[], connection) => catalog.saveProducts(rows, connection),
  };
}

export function priceChangesPlan(catalog: CatalogService): KindPlan {
  return {
    ...singlePlan('price-changes'),
    references: ({ productId, currency }) => productReference(productId, currency),
    finish: ({ productId, at, currency, ...price }, products) => {
      const stored = products.get(productId as string)?.currency ?? DEFAULT_CURRENCY; // read by its shape
      if (currency !== undefined && currency !== stored) {
        return Refusal.of('currency', `${stored}, the currency of the product`, currency);
      }
      const priceMinor = readPrice(price, PRICE, stored);
      if (priceMinor instanceof Refusal) return priceMinor;
      if (typeof priceMinor !== 'number') return Refusal.of('price', 'given, or priceMinor', undefined);
      return { productId, at, priceMinor };
    },
    keyOf: ({ productId, at }: PriceChangeRow) => `${at} ${productId}`,
    save: async (rows: readonly PriceChangeRow[], connection) => catalog.savePriceChanges(rows, connection),
  };
}

export function stockLevelsPlan(catalog: CatalogService): KindPlan {
  return {
    ...singlePlan('stock-levels'),
    references: ({ productId }) => productReference(productId, undefined),
    finish: (fields) => fields,
    keyOf: ({ productId, at }: StockLevelRow) => `${at} ${productId}`,
    save: async (rows: readonly StockLevelRow[], connection) => catalog.saveStockLevels(rows, connection),
  };
}

type SingleKind = 'users' | 'farms' | 'products' | 'price-changes' | 'stock-levels';

function singlePlan(kind: SingleKind): Pick<KindPlan, 'csvFields' | 'jsonFields' | 'assembler'> {
  const shape = SHAPES[kind];
  return {
    csvFields: recordFields(shape),
    jsonFields: recordFields(shape),
    assembler: (_, tally) => new SingleAssembler((row) => shape.read(row), tally),
  };
}

/** A product's `price` without a currency is in the default one. */
function finishProduct({ price, priceMinor, ...fields }: Fields): object | Refusal {
  for (const name of ['name', 'category']) {
    if (fields[name] === null) return Refusal.of(name, 'a text', undefined);
  }
  const currency = typeof fields['currency'] === 'string' ? fields['currency'] : DEFAULT_CURRENCY;
  const money = readPrice({ price, priceMinor }, PRICE, currency);
  if (money instanceof Refusal) return money;
  return money === undefined ? fields : { ...fields, priceMinor: money };
}

function productReference(productId: unknown, currency: unknown): ReturnType<KindPlan['references']> {
  const facts = typeof currency === 'string' ? { currency } : {};
  return { products: new Map([[productId as string, facts]]) }; // read by its shape
}
