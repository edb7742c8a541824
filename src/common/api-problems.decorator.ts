import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';

import { PROBLEMS, problemType } from './problem-catalog.js';
import { ProblemDocument } from './problem-document.js';

/**
 * Documents which problem statuses a route answers with, each with the codes it has in the catalog.
 *
 * 401 and 403 are added for routes with roles by the document itself.
 */
export function ApiProblems(...statuses: readonly number[]): ClassDecorator & MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemDocument),
    ...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
}

/** The response object of one problem status. */
export function problemResponse(status: number): {
  description: string;
  content: Record<string, { schema: { $ref: string }; example: object }>;
} {
  const entries = Object.entries(PROBLEMS).filter(([, problem]) => problem.status === status);
  const [code, problem] = entries[0] ?? ['internal-error', undefined];
  return {
    description: entries.map(([name, { title }]) => `\`${name}\`: ${title}`).join('  \n') || 'A problem',
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemDocument) },
        example: {
          type: problemType(code),
          title: problem?.title ?? 'A problem',
          status,
          instance: '/api/ml/…',
          requestId: '3f2c8e4e-6f0b-4a53-9d0b-0f7c6a9f2b11',
        },
      },
    },
  };
}
