import { Controller, Get, Param, ParseUUIDPipe, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { matchesEtag } from '../../common/etag.interceptor.js';
import type { ArtifactFile, ArtifactListing } from '../../ports/artifact-downloads.js';
import { Roles } from '../auth/roles.decorator.js';
import { ArtifactQuery } from './artifacts.requests.js';
import { ArtifactsService, type ArtifactDownload } from './artifacts.service.js';

type ListedFile = ArtifactFile & { readonly path: string };

const LISTING_EXAMPLE = {
  format: 'almanac-artifact/1',
  kind: 'neural-collaborative-filtering/1',
  files: [{ name: 'users.f32', bytes: 2560000, sha256: '9f86d0…', path: 'artifact/users.f32' }],
};
/** A version never changes: what has been downloaded is right for ever. */
const CACHED = 'private, max-age=31536000, immutable';
const IF_NONE_MATCH = { name: 'If-None-Match', required: false, description: 'ETag of what you have.' };
const NOT_MODIFIED = { status: 304, description: 'What you have is still right.' };

@ApiTags('models')
@Roles('admin', 'service')
@Controller('api/ml/models/:id/artifact')
export class ArtifactsController {
  constructor(private readonly artifacts: ArtifactsService) {}

  @Get()
  @ApiOperation({
    summary: 'What a trained version consists of',
    description:
      '`almanac` (default) lists the files: JSON, and little-endian arrays named `.f32` and `.i32`. `tfjs` answers ' +
      'the model.json of a layers model, without the usual envelope, so that `tf.loadLayersModel` can be given this ' +
      'address and a fetch that sends the token; users.json and items.json beside its weights name its rows.',
  })
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({ schema: { example: ok(LISTING_EXAMPLE) } })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblems(400, 401, 403, 404, 409)
  async index(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() { format = 'almanac' }: ArtifactQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | Envelope<ArtifactListing & { readonly files: readonly ListedFile[] }> | ''> {
    if (format === 'tfjs') return send(await this.artifacts.layersModel(id), request, reply);
    const { files, ...listing } = await this.artifacts.list(id, format);
    void reply.header('cache-control', 'private, no-cache');
    return ok({ ...listing, files: files.map((file) => ({ ...file, path: `artifact/${file.name}` })) });
  }

  @Get(':file')
  @ApiOperation({ summary: 'One file of a trained version: weights, ids or history' })
  @ApiHeader(IF_NONE_MATCH)
  @ApiProduces('application/octet-stream', 'application/json')
  @ApiOkResponse({
    description: 'Its bytes. The ETag is their sha256.',
    schema: { type: 'string', format: 'binary' },
  })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblems(400, 401, 403, 404, 409)
  async file(
    @Param('id', ParseUUIDPipe) id: string,
    @Param('file') name: string,
    @Query() { format = 'almanac' }: ArtifactQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | ''> {
    return send(await this.artifacts.find(id, format, name), request, reply);
  }
}

async function send(
  { file, open }: ArtifactDownload,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<StreamableFile | ''> {
  const etag = `"${file.sha256}"`;
  if (matchesEtag(headers['if-none-match'], etag)) {
    void reply.code(304).header('etag', etag).header('cache-control', CACHED);
    return '';
  }
  const stream = await open();
  // only now: an answer that says why there is no file must not be kept
  void reply.header('etag', etag).header('cache-control', CACHED);
  const isJson = file.name.endsWith('.json');
  return new StreamableFile(stream, {
    type: isJson ? 'application/json; charset=utf-8' : 'application/octet-stream',
    length: file.bytes,
  });
}
