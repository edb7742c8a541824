import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { Queryable } from '../catalog/catalog.types.js';

const RETRIES = 3;
/** SQLSTATE: serialization failure, deadlock. */
const WORTH_RETRYING = new Set(['40001', '40P01']);

/** Runs the statements of an import: alone, or in one transaction with a savepoint a batch. */
@Injectable()
export class ImportRepository {
  constructor(private readonly database: Database) {}

  async transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /**
   * Runs one batch so that its failure leaves the rest alone.
   *
   * @returns Its result, or the message of the database when it refused the data.
   */
  async attempt<T>(
    connection: Queryable | undefined,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T } | { readonly refusedBecause: string }> {
    for (let attempt = 0; ; attempt++) {
      await connection?.query('SAVEPOINT batch');
      try {
        const result = await work();
        await connection?.query('RELEASE SAVEPOINT batch');
        return { result };
      } catch (error) {
        const { code = '', message } = error as Error & { code?: string };
        const isData = /^2[23]/.test(code);
        const isRetried = connection === undefined && WORTH_RETRYING.has(code) && attempt < RETRIES;
        if (!isData && !isRetried) throw error;
        await connection?.query('ROLLBACK TO SAVEPOINT batch');
        if (isData) return { refusedBecause: message };
      }
    }
  }
}
