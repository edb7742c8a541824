import { Injectable } from '@nestjs/common';

import { UnknownReferenceError } from '../catalog/catalog.errors.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { Queryable, SavedCounts } from '../catalog/catalog.types.js';
import { ActivityRepository } from './activity.repository.js';
import { eventId } from './event-id.js';
import { EventNotFoundError, OrderNotFoundError } from './events.errors.js';
import type { EventRow, OrderRow, Stored, StoredEvent, StoredOrder } from './events.types.js';

/** Orders and events: one by one for the API, in batches for the import. */
@Injectable()
export class EventsService {
  constructor(
    private readonly activity: ActivityRepository,
    private readonly catalog: CatalogService,
  ) {}

  /** @throws OrderNotFoundError */
  async getOrder(id: string): Promise<StoredOrder> {
    const order = await this.activity.findOrder(id);
    if (!order) throw new OrderNotFoundError(id);
    return order;
  }

  /** @throws EventNotFoundError */
  async getEvent(id: string): Promise<StoredEvent> {
    const event = await this.activity.findEvent(id);
    if (!event) throw new EventNotFoundError(id);
    return event;
  }

  /**
   * Stores an order, replacing one with the same id.
   *
   * @throws UnknownReferenceError when its user or one of its products is not stored.
   */
  async putOrder(row: OrderRow): Promise<Stored> {
    const productIds = row.lines.map(({ productId }) => productId);
    await this.checkReferences(row.userId, productIds);
    const { created } = await this.activity.saveOrders([row]);
    return { id: row.id, created: created === 1 };
  }

  /**
   * Stores an event, replacing one with the same id.
   *
   * @throws UnknownReferenceError when its user or product is not stored.
   */
  async putEvent(event: Omit<EventRow, 'id'> & { readonly id?: string | undefined }): Promise<Stored> {
    await this.checkReferences(event.userId, [event.productId]);
    const at = new Date(event.at).toISOString();
    const row = { ...event, at, id: event.id ?? eventId({ ...event, at }) };
    const { created } = await this.activity.saveEvents([row]);
    return { id: row.id, created: created === 1 };
  }

  /** The id of an event that came without one: the same event, the same id. */
  nameEvent(event: Omit<EventRow, 'id'>): string {
    return eventId(event);
  }

  async saveOrders(rows: readonly OrderRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.activity.saveOrders(rows, connection);
  }

  async saveEvents(rows: readonly EventRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.activity.saveEvents(rows, connection);
  }

  private async checkReferences(userId: string, productIds: readonly string[]): Promise<void> {
    if ((await this.catalog.findUserIds([userId])).length === 0) {
      throw new UnknownReferenceError('userId', 'user', [userId]);
    }
    const known = await this.catalog.findProductFacts(productIds);
    const missing = productIds.filter((id) => !known.has(id));
    if (missing.length > 0) throw new UnknownReferenceError('productId', 'product', missing);
  }
}
