import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { PROBLEMS, problemType, type ProblemDescription } from '../../common/problem-catalog.js';
import { Public } from '../auth/public.decorator.js';
import { ProblemNotFoundError } from './problems.errors.js';
import { toHtml } from './problem-page.js';

type Entry = ProblemDescription & { readonly type: string };

const EXAMPLE = { type: '/problems/not-found', ...PROBLEMS['not-found'] };

// public: an error has to be understood before one can sign in
@Public()
@ApiTags('operation')
@Controller('problems')
export class ProblemsController {
  @Get()
  @ApiOperation({ summary: 'Every problem the API answers with' })
  @ApiOkResponse({ schema: { example: { success: true, data: [EXAMPLE] } } })
  @ApiProblems(500)
  list(): Envelope<readonly Entry[]> {
    return ok(Object.keys(PROBLEMS).map(find));
  }

  @Get(':code')
  @Header('vary', 'accept')
  @ApiOperation({ summary: 'What one problem means, as JSON or for a browser as HTML' })
  @ApiParam({ name: 'code', example: 'not-found' })
  @ApiOkResponse({ schema: { example: { success: true, data: EXAMPLE } } })
  @ApiProblems(404, 500)
  describe(
    @Param('code') code: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Envelope<Entry> | string {
    const entry = find(code);
    if (!accept?.includes('text/html')) return ok(entry);
    reply.header('content-type', 'text/html; charset=utf-8');
    return toHtml(entry);
  }
}

/** @throws ProblemNotFoundError */
function find(code: string): Entry {
  const description = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined;
  if (description === undefined) throw new ProblemNotFoundError(code);
  return { type: problemType(code), ...description };
}
