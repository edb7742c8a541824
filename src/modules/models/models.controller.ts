import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { toPage, toPageRequest, type PageMeta } from '../../common/cursor-page.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import type { Caller } from '../auth/auth.types.js';
import { CurrentCaller } from '../auth/current-caller.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { ChangeModelRequest, DeleteModelQuery, ModelsQuery } from './models.requests.js';
import { ModelsService } from './models.service.js';
import type { Deployment, ModelVersion } from './models.types.js';

const MODEL_EXAMPLE = {
  id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  name: 'neural-collaborative-filtering',
  type: 'NEURAL_COLLABORATIVE_FILTERING',
  version: 3,
  status: 'DEPLOYED',
  config: { seed: 42, threads: 1 },
  metrics: { hr10: 0.62, ndcg10: 0.38, popularityHr10: 0.41, popularityNdcg10: 0.22 },
  trainedAt: '2026-06-01T08:00:09.000Z',
  deployedAt: '2026-06-01T08:00:09.200Z',
  createdAt: '2026-06-01T08:00:00.000Z',
  updatedAt: '2026-06-01T08:00:09.200Z',
};

@ApiTags('models')
@Roles('admin')
@Controller('api/ml/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Roles('admin', 'service')
  @ApiOperation({ summary: 'Model versions, newest first' })
  @ApiOkResponse({ schema: { example: ok([MODEL_EXAMPLE], { nextCursor: null }) } })
  @ApiProblems(400, 401, 403)
  async list(@Query() query: ModelsQuery): Promise<Envelope<readonly ModelVersion[], PageMeta>> {
    const request = toPageRequest(query);
    const models = await this.models.list({
      type: query.type,
      status: query.status,
      limit: request.limit + 1,
      after: request.after,
    });
    const { items, meta } = toPage(models, request);
    return ok(items, meta);
  }

  @Get(':id')
  @Roles('admin', 'service')
  @WithEtag()
  @ApiOperation({ summary: 'One model version, with the history of its deployments' })
  @ApiOkResponse({ schema: { example: ok({ ...MODEL_EXAMPLE, deployments: [] }) } })
  @ApiProblems(400, 401, 403, 404)
  async get(
    @Param('id', ParseUUIDPipe) id: string,
  ): Promise<Envelope<ModelVersion & { readonly deployments: readonly Deployment[] }>> {
    const model = await this.models.get(id);
    return ok({ ...model, deployments: await this.models.history(id) });
  }

  @Post()
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Deploy, deprecate or roll back a version',
    description: 'Rollback names the deployed version and brings back the one that served before it.',
  })
  @ApiOkResponse({
    description: 'The version that serves now, or was taken out.',
    schema: { example: ok(MODEL_EXAMPLE) },
  })
  @ApiProblems(400, 401, 403, 404, 409)
  async change(
    @Body() { action, modelId, reason }: ChangeModelRequest,
    @CurrentCaller() { subject }: Caller,
  ): Promise<Envelope<ModelVersion>> {
    return ok(
      await this.models[action](modelId, { actor: subject, reason: reason ?? 'asked for through the API' }),
    );
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Delete a version and its artifact' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems(400, 401, 403, 404, 409)
  async remove(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.models.remove(id);
  }

  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Delete a version and its artifact, named by the query' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems(400, 401, 403, 404, 409)
  async removeByQuery(@Query() { modelId }: DeleteModelQuery): Promise<void> {
    await this.models.remove(modelId);
  }
}
