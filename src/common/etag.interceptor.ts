import { createHash } from 'node:crypto';

import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** For GETs of a single resource: sends a strong ETag and answers 304 to a matching If-None-Match. */
export function WithEtag(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(EtagInterceptor),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the answer you have.' }),
    ApiResponse({ status: 304, description: 'What you have is still right.' }),
  );
}

/** Hashes the answer and sends it only when the client has another. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<string> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(map((body: unknown) => answer(JSON.stringify(body), request, reply)));
  }
}

function answer(text: string, { headers }: FastifyRequest, reply: FastifyReply): string {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', etag).header('cache-control', 'private, no-cache');
  if (matches(headers['if-none-match'], etag)) {
    reply.code(304);
    return '';
  }
  reply.header('content-type', 'application/json; charset=utf-8');
  return text; // exactly what was hashed
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((part) => ['*', etag].includes(part.trim().replace(/^W\//, '')));
}
