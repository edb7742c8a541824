import type { ProductFacts } from '../../catalog/catalog.types.js';
import type { EventsService } from '../../events/events.service.js';
import type { OrderRow } from '../../events/events.types.js';
import type { ImportOptions } from '../import.types.js';
import { renameFields } from '../reading/records.js';
import { readPrice } from '../rows/money.js';
import { Refusal } from '../rows/refusal.js';
import { ORDER_HEAD, ORDER_LINE, SHAPES } from '../rows/shapes.js';
import { CsvOrderAssembler } from './csv-order-assembler.js';
import { recordFields, SingleAssembler, type Fields, type KindPlan } from './kind-plan.js';

const UNIT_PRICE = { major: 'unitPrice', minor: 'unitPriceMinor' };
const MOST_LINES = 1000;

export function ordersPlan(events: EventsService, options: ImportOptions): KindPlan {
  return {
    csvFields: recordFields(SHAPES.orders),
    jsonFields: { known: new Set(['id', ...ORDER_HEAD.names, 'lines']), required: [] },
    assembler: (format, tally) =>
      format === 'csv'
        ? new CsvOrderAssembler(tally)
        : new SingleAssembler((row) => readNestedOrder(row, options), tally),
    references: ({ userId, lines }) => ({
      users: [userId as string], // read by its shape
      products: new Map(linesOf(lines).map((line) => [line['productId'] as string, statedFacts(line)])),
    }),
    finish: finishOrder,
    keyOf: ({ id }: OrderRow) => id,
    save: async (rows: readonly OrderRow[], connection) => events.saveOrders(rows, connection),
  };
}

/** Reads an order whose lines are nested. Its id may be called `id` or `orderId`. */
function readNestedOrder({ lines, id, ...raw }: Fields, options: ImportOptions): Fields | Refusal {
  const head = ORDER_HEAD.read(id === undefined ? raw : { orderId: id, ...raw });
  if (head instanceof Refusal) return head;
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > MOST_LINES) {
    return Refusal.of('lines', `a list of 1 to ${MOST_LINES} lines`, lines);
  }
  const read: Fields[] = [];
  for (const [i, line] of (lines as unknown[]).entries()) {
    if (typeof line !== 'object' || line === null) return Refusal.of(`lines[${i}]`, 'an object', line);
    const named = renameFields(line, ORDER_LINE.names, options);
    const fields = named instanceof Refusal ? named : ORDER_LINE.read(named);
    if (fields instanceof Refusal)
      return new Refusal(`lines[${i}].${fields.reason}`, `lines[${i}].${fields.field}`);
    read.push(fields);
  }
  const { orderId, userId, placedAt } = head;
  return { id: orderId, userId, placedAt, lines: read };
}

function finishOrder(
  { id, userId, placedAt, lines }: Fields,
  products: ReadonlyMap<string, ProductFacts>,
): object | Refusal {
  const finished: object[] = [];
  for (const line of linesOf(lines)) {
    const productId = line['productId'] as string; // read by its shape
    const stored = products.get(productId);
    for (const name of ['unit', 'currency'] as const) {
      const stated = line[name];
      if (typeof stated === 'string' && stored && stated !== stored[name]) {
        return Refusal.of(name, `${stored[name]}, the ${name} of product ${productId}`, stated);
      }
    }
    const price = readPrice(line, UNIT_PRICE, stored?.currency ?? 'EUR');
    if (price instanceof Refusal) return price;
    finished.push({
      productId,
      quantity: line['quantity'],
      ...(price == null ? {} : { unitPriceMinor: price }),
    });
  }
  return { id, userId, placedAt, lines: finished };
}

function statedFacts({ unit, currency }: Fields): Partial<ProductFacts> {
  return {
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(typeof currency === 'string' ? { currency } : {}),
  };
}

function linesOf(lines: unknown): readonly Fields[] {
  return lines as readonly Fields[]; // made by the assemblers above
}
