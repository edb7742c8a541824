import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { Controller, HttpCode, HttpStatus, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { UnsupportedMediaTypeError } from '../../common/http.errors.js';
import { Roles } from '../auth/roles.decorator.js';
import { ImportPath, ImportQuery } from './import.requests.js';
import { ImportService } from './import.service.js';
import { readOptions } from './import-options.js';
import type { ImportFormat, ImportReport } from './import.types.js';

const REPORT_EXAMPLE: ImportReport = {
  kind: 'events',
  received: 100_000,
  created: 99_998,
  updated: 0,
  unchanged: 1,
  refused: 1,
  errors: [{ line: 4711, field: 'value', reason: 'value must be a finite number, received "x"' }],
  seconds: 1.9,
};

@ApiTags('import')
@Roles('admin', 'service')
@Controller('api/ml/import')
export class ImportController {
  constructor(private readonly imports: ImportService) {}

  @Post(':kind')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Import a file of users, farms, products, orders, events or histories',
    description:
      'NDJSON (`application/x-ndjson`) or CSV (`text/csv`), of any size, gzipped if `Content-Encoding: gzip` says so. ' +
      'Entries are created or replaced by id; sending a file twice changes nothing. Lines that are wrong are listed, the others kept.',
  })
  @ApiConsumes('application/x-ndjson', 'text/csv')
  @ApiBody({
    schema: {
      type: 'string',
      example: '{"type":"view","at":"2026-06-01T08:00:00Z","userId":"u1","productId":"p1"}',
    },
  })
  @ApiOkResponse({ schema: { example: ok(REPORT_EXAMPLE) } })
  @ApiProblems(400, 401, 403, 415)
  async import(
    @Param() { kind }: ImportPath,
    @Query() query: ImportQuery,
    @Req() request: FastifyRequest,
  ): Promise<Envelope<ImportReport>> {
    const options = readOptions(kind, formatOf(request), query);
    return ok(await this.imports.run({ kind, source: bodyOf(request), options }));
  }
}

/** @throws UnsupportedMediaTypeError when the body is neither NDJSON nor CSV. */
function formatOf({ headers, body }: FastifyRequest): ImportFormat {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (!(body instanceof Readable)) {
    throw new UnsupportedMediaTypeError(type, 'application/x-ndjson or text/csv');
  }
  return type === 'text/csv' ? 'csv' : 'ndjson';
}

function bodyOf({ headers, body }: FastifyRequest): AsyncIterable<Uint8Array> {
  const stream = body as Readable; // formatOf looked
  const encoding = headers['content-encoding'] ?? 'identity';
  // leaving the loop over a request early would close its connection, and the answer with it
  if (encoding === 'identity') return stream.iterator({ destroyOnReturn: false });
  if (encoding !== 'gzip') throw new UnsupportedMediaTypeError(`${encoding} encoding`, 'gzip or no encoding');
  const unzipped = createGunzip();
  stream.on('error', (error) => unzipped.destroy(error));
  return stream.pipe(unzipped);
}
