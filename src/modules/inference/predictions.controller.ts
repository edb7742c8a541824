import { Body, Controller, Get, Header, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { toPage, toPageRequest, type PageMeta } from '../../common/cursor-page.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { assertActsFor } from '../auth/auth.service.js';
import type { Caller } from '../auth/auth.types.js';
import { CurrentCaller } from '../auth/current-caller.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import type { PredictionRecord } from './inference.types.js';
import { PREDICTION_EXAMPLE } from './predictions.examples.js';
import { PredictBatchRequest, PredictionsQuery, PredictRequest } from './predictions.requests.js';
import { PredictionLogService } from './prediction-log.service.js';
import { PredictionsService } from './predictions.service.js';

const JSON_TYPE = 'application/json; charset=utf-8';

@ApiTags('predictions')
@Roles('admin', 'service', 'user')
@Controller('api/ml/predictions')
export class PredictionsController {
  constructor(
    private readonly predictions: PredictionsService,
    private readonly log: PredictionLogService,
  ) {}

  /** The body is written by hand around JSON that the cache keeps: writing it anew would double the time of a hit. */
  @Post()
  @HttpCode(HttpStatus.OK)
  @Header('content-type', JSON_TYPE)
  @ApiOperation({
    summary: 'Ask for a prediction',
    description:
      'A user that the model does not know gets what is popular in season, marked `personalized: false` with a `fallbackReason`.',
  })
  @ApiOkResponse({ schema: { example: ok(PREDICTION_EXAMPLE, { cached: false, inferenceTimeMs: 0.42 }) } })
  @ApiProblems(400, 401, 403, 413, 415)
  async predict(@Body() { input }: PredictRequest, @CurrentCaller() caller: Caller): Promise<string> {
    assertActsFor(caller, input.userId);
    const { dataJson, cached, inferenceTime } = await this.predictions.recommend(input);
    return `{"success":true,"data":${dataJson},"meta":{"cached":${cached},"inferenceTimeMs":${inferenceTime}}}`;
  }

  @Post('batch')
  @HttpCode(HttpStatus.OK)
  @Header('content-type', JSON_TYPE)
  @ApiOperation({
    summary: 'Ask for up to 100 predictions at once; answers come in the order of the requests',
  })
  @ApiOkResponse({ schema: { example: ok([PREDICTION_EXAMPLE], { count: 1, cached: 0 }) } })
  @ApiProblems(400, 401, 403, 413, 415)
  async predictBatch(
    @Body() { requests }: PredictBatchRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<string> {
    for (const { input } of requests) assertActsFor(caller, input.userId);
    const answers = await this.predictions.recommendMany(requests.map(({ input }) => input));
    const cached = answers.filter((answer) => answer.cached).length;
    const data = answers.map(({ dataJson }) => dataJson).join(',');
    return `{"success":true,"data":[${data}],"meta":{"count":${answers.length},"cached":${cached}}}`;
  }

  @Get()
  @ApiOperation({ summary: 'Predictions given, newest first' })
  @ApiOkResponse({
    schema: {
      example: ok(
        [
          {
            id: PREDICTION_EXAMPLE.predictionId,
            modelId: PREDICTION_EXAMPLE.model.id,
            modelVersion: 3,
            userId: 'user-123',
            type: 'recommendation',
            input: { userId: 'user-123', limit: 10 },
            output: PREDICTION_EXAMPLE,
            confidence: 0.9321,
            inferenceTime: 0.42,
            cached: false,
            createdAt: '2026-06-01T08:00:00.000Z',
          },
        ],
        { nextCursor: null },
      ),
    },
  })
  @ApiProblems(400, 401, 403)
  async list(
    @Query() query: PredictionsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Envelope<readonly PredictionRecord[], PageMeta>> {
    if (query.userId !== undefined) assertActsFor(caller, query.userId);
    const request = toPageRequest(query);
    const records = await this.log.list({
      userId: caller.role === 'user' ? caller.subject : query.userId,
      modelId: query.modelId,
      type: query.type,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
      limit: request.limit + 1,
      after: request.after,
    });
    const { items, meta } = toPage(records, request);
    return ok(items, meta);
  }
}
