import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  ParseUUIDPipe,
  Post,
  Put,
  Query,
  Res,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { toPage, toPageRequest, type PageMeta } from '../../common/cursor-page.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Idempotent } from '../../common/idempotency/idempotent.decorator.js';
import type { Caller } from '../auth/auth.types.js';
import { CurrentCaller } from '../auth/current-caller.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { TRAINING_JOB_EXAMPLE, TRIAL_EXAMPLE } from './training.examples.js';
import { TrainingProgressService } from './training-progress.service.js';
import { ChangeTrainingRequest, StartTrainingRequest, TrainingQuery } from './training.requests.js';
import { TrainingService } from './training.service.js';
import type { JobTransition, TrainingJob } from './training.types.js';

interface QueueMeta {
  readonly waiting: number;
  readonly running: number;
}

interface DetailedJob extends TrainingJob {
  /** Place in the queue from 1; absent when the job does not wait. */
  readonly position: number | undefined;
  readonly transitions: readonly JobTransition[];
}

@ApiTags('training')
@Roles('admin')
@Controller('api/ml/training')
export class TrainingController {
  constructor(
    private readonly training: TrainingService,
    private readonly progress: TrainingProgressService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Running, waiting and past trainings, newest first, with progress' })
  @ApiOkResponse({
    schema: { example: ok([TRAINING_JOB_EXAMPLE], { nextCursor: null, waiting: 0, running: 1 }) },
  })
  @ApiProblems(400, 401, 403)
  async list(@Query() query: TrainingQuery): Promise<Envelope<readonly TrainingJob[], PageMeta & QueueMeta>> {
    const request = toPageRequest(query);
    const jobs = await this.training.list({
      status: query.status,
      modelType: query.modelType,
      limit: request.limit + 1,
      after: request.after,
    });
    const { items, meta } = toPage(jobs, request);
    return ok(items, { ...meta, ...(await this.training.load()) });
  }

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @Idempotent()
  @ApiOperation({
    summary: 'Start a training',
    description:
      'Answers at once; follow the job by its Location. With `search` the hyperparameters are chosen on a validation ' +
      'part of the training data first; the job shows its `trials`.',
  })
  @ApiAcceptedResponse({ schema: { example: ok(TRAINING_JOB_EXAMPLE) } })
  @ApiProblems(400, 401, 403, 409, 429)
  async start(
    @Body() request: StartTrainingRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Envelope<TrainingJob>> {
    const { modelType, name, config, search } = request;
    const job = await this.training.start({ modelType, name, config: config ?? {}, search }, caller.subject);
    void reply.header('location', `/api/ml/training/${job.id}`);
    return ok(job);
  }

  @Put()
  @ApiOperation({ summary: 'Cancel or retry a training' })
  @ApiOkResponse({ schema: { example: ok({ ...TRAINING_JOB_EXAMPLE, isCancelRequested: true }) } })
  @ApiProblems(400, 401, 403, 404, 409, 429)
  async change(@Body() { jobId, action }: ChangeTrainingRequest): Promise<Envelope<TrainingJob>> {
    return ok(await (action === 'cancel' ? this.training.cancel(jobId) : this.training.retry(jobId)));
  }

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One training, with its history and place in the queue' })
  @ApiOkResponse({
    schema: {
      example: ok({
        ...TRAINING_JOB_EXAMPLE,
        trials: [TRIAL_EXAMPLE],
        transitions: [{ status: 'QUEUED', at: '2026-06-01T08:00:00.000Z' }],
      }),
    },
  })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<Envelope<DetailedJob>> {
    const job = await this.training.get(id);
    const [position, transitions] = await Promise.all([
      this.training.positionOf(job),
      this.training.transitions(id),
    ]);
    return ok({ ...job, position, transitions });
  }

  @Sse(':id/events')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'Follow a training as server-sent events',
    description: 'One `progress` event a change, with the job as data; the stream ends with the job.',
  })
  @ApiOkResponse({
    schema: { type: 'string', example: `event: progress\ndata: ${JSON.stringify(TRAINING_JOB_EXAMPLE)}\n\n` },
  })
  @ApiProblems(400, 401, 403, 404)
  async events(@Param('id', ParseUUIDPipe) id: string): Promise<Observable<MessageEvent>> {
    return this.progress.follow(await this.training.get(id));
  }
}
