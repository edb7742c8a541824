/** What a user can do with a product. */
export const EVENT_TYPES = ['view', 'click', 'cart', 'purchase', 'rating'] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export interface EventRow {
  readonly id: string;
  readonly type: EventType;
  /** ISO 8601 with zone. */
  readonly at: string;
  readonly userId: string;
  readonly productId: string;
  /** The rating of a `rating`, else a count; absent where there is none. */
  readonly value?: number | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

export interface OrderLineRow {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPriceMinor?: number | undefined;
}

export interface OrderRow {
  readonly id: string;
  readonly userId: string;
  readonly placedAt: string;
  /** Numbered from 1 in this order. */
  readonly lines: readonly OrderLineRow[];
}

/** An event as it is stored; what it has not is null. */
export interface StoredEvent {
  readonly id: string;
  readonly type: EventType;
  readonly at: Date;
  readonly userId: string;
  readonly productId: string;
  readonly value: number | null;
  readonly context: Readonly<Record<string, unknown>>;
}

/** An order as it is stored, lines in their order. */
export interface StoredOrder {
  readonly id: string;
  readonly userId: string;
  readonly placedAt: Date;
  readonly createdAt: Date;
  readonly lines: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly unitPriceMinor: number | null;
  }[];
}

/** What became of a single order or event. */
export interface Stored {
  readonly id: string;
  /** False when it was there before and was replaced or the same. */
  readonly created: boolean;
}
