import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

import { ApiProblems } from '../api-problems.decorator.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

/**
 * For a POST that creates: a request repeated with the same Idempotency-Key within 24 hours gets the first
 * answer again. The module of the controller imports IdempotencyModule.
 */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Any text that is new for each request, e.g. a UUID. The answer is kept for 24 hours.',
      schema: { type: 'string', maxLength: 255 },
    }),
    ApiProblems(409, 422),
  );
}
