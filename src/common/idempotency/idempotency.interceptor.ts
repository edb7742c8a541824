import { createHash } from 'node:crypto';

import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { firstValueFrom, from, type Observable } from 'rxjs';

import {
  IdempotencyKeyInUseError,
  IdempotencyKeyReusedError,
  InvalidIdempotencyKeyError,
} from './idempotency.errors.js';
import { IdempotencyRepository, type KeyedRequest, type StoredAnswer } from './idempotency.repository.js';

const KEY = /^[\u0021-\u007e]{1,255}$/;
/** Headers of the first answer that belong to what it made. */
const KEPT_HEADERS = ['location', 'etag', 'retry-after'];

/** Carries out a request with an Idempotency-Key once, however often it is sent within 24 hours. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly records: IdempotencyRepository) {}

  /** @throws InvalidIdempotencyKeyError, IdempotencyKeyReusedError, IdempotencyKeyInUseError */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { caller?: { subject: string } }>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) throw new InvalidIdempotencyKeyError();

    const keyed = { subject: request.caller?.subject ?? '', key, hash: hashOf(request) };
    return from(this.once(keyed, next, http.getResponse<FastifyReply>()));
  }

  private async once(request: KeyedRequest, next: CallHandler, reply: FastifyReply): Promise<unknown> {
    const claim = await this.records.claim(request);
    if (claim.kind === 'other-request') throw new IdempotencyKeyReusedError();
    if (claim.kind === 'running') throw new IdempotencyKeyInUseError();
    if (claim.kind === 'answered') return replay(claim.answer, reply);
    try {
      const body: unknown = await firstValueFrom(next.handle(), { defaultValue: undefined });
      await this.records.complete(request, { status: reply.statusCode, headers: keptHeaders(reply), body });
      return body;
    } catch (error) {
      await this.records.release(request);
      throw error;
    }
  }
}

function hashOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body) ?? ''}`)
    .digest('hex');
}

function keptHeaders(reply: FastifyReply): Readonly<Record<string, string>> {
  const found = KEPT_HEADERS.map((name) => [name, reply.getHeader(name)] as const);
  return Object.fromEntries(
    found.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  );
}

function replay({ status, headers, body }: StoredAnswer, reply: FastifyReply): unknown {
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  reply.header('idempotency-replayed', 'true').code(status);
  return body ?? undefined;
}
