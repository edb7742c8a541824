import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';

/** A request that carries a key. */
export interface KeyedRequest {
  readonly subject: string;
  readonly key: string;
  /** sha256 of method, address and body. */
  readonly hash: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `claimed`: this request is the first and must be carried out, then completed or released. */
export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'running' }
  | { readonly kind: 'other-request' }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer };

interface Row {
  readonly request_hash: string;
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly body: unknown;
}

const KEPT = `interval '24 hours'`;
/** A request that has run this long died with its process. */
const ABANDONED = `interval '5 minutes'`;
const PURGE_EVERY_MS = 600_000;

/** Keeps the first answer to each keyed request for 24 hours. */
@Injectable()
export class IdempotencyRepository {
  private purgedAt = -Infinity;

  constructor(private readonly database: Database) {}

  /** Takes the key for this request, unless it is taken; of several at once exactly one gets `claimed`. */
  async claim({ subject, key, hash }: KeyedRequest): Promise<Claim> {
    await this.purge();
    const inserted = await this.database.pool.query(
      `INSERT INTO idempotency_records AS held (subject, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (subject, key) DO UPDATE
         SET request_hash = excluded.request_hash, status = NULL, headers = NULL, body = NULL, created_at = now()
         WHERE held.created_at < now() - ${KEPT}
            OR (held.status IS NULL AND held.created_at < now() - ${ABANDONED})`,
      [subject, key, hash],
    );
    if (inserted.rowCount === 1) return { kind: 'claimed' };

    const { rows } = await this.database.pool.query<Row>(
      'SELECT request_hash, status, headers, body FROM idempotency_records WHERE subject = $1 AND key = $2',
      [subject, key],
    );
    const row = rows[0];
    if (row === undefined) return { kind: 'running' }; // it was released in between: the caller tries again
    if (row.request_hash !== hash) return { kind: 'other-request' };
    if (row.status === null) return { kind: 'running' };
    return {
      kind: 'answered',
      answer: { status: row.status, headers: row.headers ?? {}, body: row.body },
    };
  }

  async complete({ subject, key, hash }: KeyedRequest, answer: StoredAnswer): Promise<void> {
    await this.database.pool.query(
      `UPDATE idempotency_records SET status = $4, headers = $5, body = $6
       WHERE subject = $1 AND key = $2 AND request_hash = $3`,
      [
        subject,
        key,
        hash,
        answer.status,
        JSON.stringify(answer.headers),
        JSON.stringify(answer.body ?? null),
      ],
    );
  }

  /** Gives the key back after a failure: nothing was made, so the request may be tried again. */
  async release({ subject, key, hash }: KeyedRequest): Promise<void> {
    await this.database.pool.query(
      `DELETE FROM idempotency_records
       WHERE subject = $1 AND key = $2 AND request_hash = $3 AND status IS NULL`,
      [subject, key, hash],
    );
  }

  /** Deletes what nobody can ask for any more, now and then. */
  private async purge(): Promise<void> {
    if (performance.now() - this.purgedAt < PURGE_EVERY_MS) return;
    this.purgedAt = performance.now();
    await this.database.pool.query(`DELETE FROM idempotency_records WHERE created_at < now() - ${KEPT}`);
  }
}
