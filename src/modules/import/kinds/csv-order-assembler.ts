import type { RawRecord } from '../reading/records.js';
import { Refusal } from '../rows/refusal.js';
import { SHAPES } from '../rows/shapes.js';
import type { ImportTally } from '../tally.js';
import type { Assembler, Draft, Fields } from './kind-plan.js';

/** Orders remembered to notice rows that are not consecutive. */
const MOST_REMEMBERED = 200_000;

interface Group {
  readonly orderId: string;
  readonly userId: unknown;
  readonly placedAt: unknown;
  readonly rows: { readonly line: number; readonly fields: Fields }[];
  /** A line that was refused and belongs to this order: the others cannot stand without it. */
  brokenBy: number | undefined;
}

/**
 * Makes orders out of consecutive rows with the same orderId. An order with a refused row is refused whole.
 */
export class CsvOrderAssembler implements Assembler {
  private group: Group | undefined;
  /** A refused row of which nothing could be read: it belongs to the order if the next row does. */
  private unreadable: number | undefined;
  private readonly finished = new Set<string>();

  constructor(private readonly tally: ImportTally) {}

  take({ line, row }: RawRecord): readonly Draft[] {
    const fields = row instanceof Refusal ? row : SHAPES.orders.read(row);
    if (!(fields instanceof Refusal)) return this.takeRow(line, fields);

    this.tally.refuse(line, fields);
    const orderId = row instanceof Refusal ? undefined : String(row['orderId']);
    if (orderId === undefined) {
      this.unreadable = line;
      return [];
    }
    const closed = this.moveTo(orderId, { userId: undefined, placedAt: undefined });
    if (this.group) this.group.brokenBy ??= line;
    return closed;
  }

  end(): readonly Draft[] {
    return this.close();
  }

  private takeRow(line: number, fields: Fields): readonly Draft[] {
    const orderId = fields['orderId'] as string; // read by its shape
    const isContinued = this.group?.orderId === orderId;
    if (isContinued && this.unreadable !== undefined) this.group!.brokenBy ??= this.unreadable; // continued: there is one
    this.unreadable = undefined;
    if (!isContinued && this.finished.has(orderId)) {
      const reason = `the rows of order ${orderId} must follow each other; sort the file by order`;
      this.tally.refuse(line, new Refusal(reason, 'orderId'));
      return [];
    }
    const closed = this.moveTo(orderId, fields);
    const group = this.group!; // moveTo made sure
    const { brokenBy } = group;
    if (
      brokenBy === undefined &&
      (group.userId !== fields['userId'] || group.placedAt !== fields['placedAt'])
    ) {
      const field = group.userId === fields['userId'] ? 'placedAt' : 'userId';
      this.tally.refuse(
        line,
        new Refusal(`${field} must be the same in all rows of order ${orderId}`, field),
      );
      group.brokenBy = line;
    } else group.rows.push({ line, fields });
    return closed;
  }

  private moveTo(orderId: string, head: Fields): readonly Draft[] {
    if (this.group?.orderId === orderId) return [];
    const closed = this.close();
    const { userId, placedAt } = head;
    this.group = { orderId, userId, placedAt, rows: [], brokenBy: undefined };
    return closed;
  }

  private close(): readonly Draft[] {
    const { group } = this;
    this.group = undefined;
    if (!group) return [];
    if (this.finished.size < MOST_REMEMBERED) this.finished.add(group.orderId);
    if (group.brokenBy !== undefined) {
      const reason = `order ${group.orderId} has a refused row (line ${group.brokenBy})`;
      for (const { line } of group.rows) this.tally.refuse(line, new Refusal(reason));
      return [];
    }
    const { orderId, userId, placedAt, rows } = group;
    return [
      {
        lines: rows.map(({ line }) => line),
        fields: { id: orderId, userId, placedAt, lines: rows.map(({ fields }) => fields) },
      },
    ];
  }
}
