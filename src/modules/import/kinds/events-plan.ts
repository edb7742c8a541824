import type { EventsService } from '../../events/events.service.js';
import type { EventRow } from '../../events/events.types.js';
import { Refusal } from '../rows/refusal.js';
import { SHAPES } from '../rows/shapes.js';
import { recordFields, SingleAssembler, type Fields, type KindPlan } from './kind-plan.js';

export function eventsPlan(events: EventsService): KindPlan {
  return {
    csvFields: recordFields(SHAPES.events),
    jsonFields: recordFields(SHAPES.events),
    assembler: (_, tally) => new SingleAssembler((row) => readEvent(row, events), tally),
    references: ({ userId, productId }) => ({
      users: [userId as string], // read by its shape
      products: new Map([[productId as string, {}]]),
    }),
    finish: (fields) => fields,
    keyOf: ({ id }: EventRow) => id,
    save: async (rows: readonly EventRow[], connection) => events.saveEvents(rows, connection),
  };
}

function readEvent(raw: Fields, events: EventsService): Fields | Refusal {
  const fields = SHAPES.events.read(raw);
  if (fields instanceof Refusal) return fields;
  if (fields['type'] === 'rating' && typeof fields['value'] !== 'number') {
    return Refusal.of('value', 'the rating, a finite number', undefined);
  }
  // its fields were just read by the shape
  return typeof fields['id'] === 'string' ? fields : { ...fields, id: events.nameEvent(fields as never) };
}
