import { EVENT_TYPES } from '../../events/events.types.js';
import type { ImportKind } from '../import.types.js';
import { flag, id, integer, jsonObject, number, oneOf, text, time } from './field-readers.js';
import {
  certifications,
  currency,
  latitude,
  longitude,
  months,
  price,
  priceMinor,
  quantity,
  stock,
  unit,
} from './market-readers.js';
import { RowShape, type Field } from './row-shape.js';

const required = (name: string, reader: Field['reader']): Field => ({ name, reader, isRequired: true });
const optional = (name: string, reader: Field['reader']): Field => ({ name, reader });

const place = [
  optional('latitude', latitude),
  optional('longitude', longitude),
  optional('region', text(200)),
];

/** One product of an order. */
export const ORDER_LINE = new RowShape([
  required('productId', id),
  required('quantity', quantity),
  optional('unitPrice', price),
  optional('unitPriceMinor', priceMinor),
  optional('unit', unit),
  optional('currency', currency),
]);

/** What an order is apart from its lines. */
export const ORDER_HEAD = new RowShape([
  required('orderId', id),
  required('userId', id),
  required('placedAt', time),
]);

/** The fields of every kind. Orders are rows of head and line in CSV, and nested in NDJSON. */
export const SHAPES: Readonly<Record<ImportKind, RowShape>> = {
  users: new RowShape([
    required('id', id),
    optional('name', text(200)),
    ...place,
    optional('preferences', jsonObject),
  ]),
  farms: new RowShape([
    required('id', id),
    required('name', text(200)),
    ...place,
    optional('certifications', certifications),
  ]),
  products: new RowShape([
    required('id', id),
    required('name', text(300)),
    required('category', text(100)),
    optional('farmId', id),
    optional('unit', unit),
    optional('price', price),
    optional('priceMinor', priceMinor),
    optional('currency', currency),
    optional('seasonMonths', months),
    optional('shelfLifeDays', integer(0, 36_500)),
    optional('certifications', certifications),
    optional('stock', stock),
    optional('active', flag),
  ]),
  orders: new RowShape([...ORDER_HEAD.fields, ...ORDER_LINE.fields]),
  events: new RowShape([
    optional('id', id),
    required('type', oneOf(EVENT_TYPES)),
    required('at', time),
    required('userId', id),
    required('productId', id),
    optional(
      'value',
      number('a finite number', () => true),
    ),
    optional('context', jsonObject),
  ]),
  'price-changes': new RowShape([
    required('productId', id),
    required('at', time),
    optional('price', price),
    optional('priceMinor', priceMinor),
    optional('currency', currency),
  ]),
  'stock-levels': new RowShape([
    required('productId', id),
    required('at', time),
    required('quantity', stock),
  ]),
};
