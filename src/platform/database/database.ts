import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';

import { AppConfig } from '../../config/app-config.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { migrate } from './migrator.js';

/** The way to PostgreSQL: given by DATABASE_URL, or embedded. Open before the application is built. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Database.name);

  private constructor(
    readonly url: string,
    /** For batches and anything Prisma is too slow for. */
    readonly pool: pg.Pool,
    private readonly embedded: EmbeddedDatabase | undefined,
  ) {}

  /** Starts or reaches the server and brings its schema up to date. */
  static async open({ databaseUrl, dataDirectory, databasePoolSize }: DatabaseOptions): Promise<Database> {
    const embedded =
      databaseUrl === undefined ? await EmbeddedDatabase.open(`${dataDirectory}/postgresql`) : undefined;
    const url = databaseUrl ?? embedded?.url ?? '';
    try {
      await migrate(url);
    } catch (error) {
      await embedded?.close();
      throw error;
    }
    const pool = new pg.Pool({ connectionString: url, max: databasePoolSize, application_name: 'almanac' });
    return new Database(url, pool, embedded);
  }

  get isEmbedded(): boolean {
    return this.embedded !== undefined;
  }

  /** Nest calls it after the hooks of everybody that depends on the database. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  onModuleInit(): void {
    // an idle connection that breaks must not end the process: the pool replaces it
    this.pool.on('error', (error) => this.logger.warn(`A database connection was lost: ${error.message}`));
  }

  /** Runs `work` in one transaction: all of it or nothing. */
  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined); // the connection may be what failed
      throw error;
    } finally {
      client.release();
    }
  }

  /** Closes the connections and, when it is ours and nobody else uses it, the server. Called last of all. */
  async close(): Promise<void> {
    await this.pool.end();
    await this.embedded?.close();
  }
}

type DatabaseOptions = Pick<AppConfig, 'databaseUrl' | 'dataDirectory' | 'databasePoolSize'>;
