import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';

import { Notifications, type Notification, type NotificationListener } from '../../ports/notifications.js';
import { Database } from '../database/database.js';

const CHANNEL = 'almanac';
const RECONNECT_MS = 500;

/** Notifications over one connection that LISTENs, rebuilt when it breaks. Topics: `table` or `topic:id`. */
@Injectable()
export class PostgresNotifications extends Notifications implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(PostgresNotifications.name);
  private readonly listeners = new Set<NotificationListener>();
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly database: Database) {
    super();
  }

  async onModuleInit(): Promise<void> {
    await this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined); // the connection may be gone already
  }

  subscribe(listener: NotificationListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async publish(topic: string, id?: string): Promise<void> {
    await this.database.pool.query('SELECT pg_notify($1, $2)', [
      CHANNEL,
      id === undefined ? topic : `${topic}:${id}`,
    ]);
  }

  private async listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.database.url,
      application_name: 'almanac-listener',
      keepAlive: true,
    });
    client.on('error', (error) => this.reconnect(client, error.message));
    client.on('end', () => this.reconnect(client, 'the server closed it'));
    client.on('notification', ({ payload }) => this.tell(parse(payload ?? '')));
    this.client = client;
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
  }

  private reconnect(client: pg.Client, reason: string): void {
    if (this.isClosed || client !== this.client || this.retry !== undefined) return;
    this.logger.warn(`The listening connection was lost: ${reason}`);
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.listen().then(
        () => this.tell({ topic: 'reconnected' }),
        (error: Error) => this.client && this.reconnect(this.client, error.message),
      );
    }, RECONNECT_MS);
  }

  private tell(notification: Notification): void {
    for (const listener of this.listeners) listener(notification);
  }
}

function parse(payload: string): Notification {
  const colon = payload.indexOf(':');
  return colon < 0 ? { topic: payload } : { topic: payload.slice(0, colon), id: payload.slice(colon + 1) };
}
