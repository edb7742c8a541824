import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import { ReadinessProbe, type ReadinessState } from '../../ports/readiness.js';

/** Asks the database for a sign of life, through the pool that requests use. */
@Injectable()
export class DatabaseProbe extends ReadinessProbe {
  readonly name = 'database';

  constructor(private readonly database: Database) {
    super();
  }

  async check(): Promise<ReadinessState> {
    await this.database.pool.query('SELECT 1');
    return { status: 'up' };
  }
}
