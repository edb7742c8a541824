import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { PageQuery } from '../../common/cursor-page.js';
import { RECOMMENDERS } from '../../ml/learners.js';
import type { EngineChoice } from '../../ports/trainer.js';
import {
  INTERACTION_SOURCES,
  type InteractionSource,
  type TrainingConfig,
  type TrainingJobStatus,
} from './training.types.js';

const TRAINABLE = Object.keys(RECOMMENDERS);
const STATUSES: readonly TrainingJobStatus[] = [
  'QUEUED',
  'PREPARING_DATA',
  'TRAINING',
  'VALIDATING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
];
const ENGINES: readonly EngineChoice[] = ['auto', 'wasm-kernels', 'tensorflow'];
const MAX_SEED = 2 ** 32 - 1;
const MAX_TRIALS = 200;
const MAX_BUDGET_SECONDS = 86_400;

export class AgriculturalContextRequest {
  @ApiPropertyOptional({ default: true, description: 'Leave products out of season out of answers.' })
  @IsOptional()
  @IsBoolean()
  readonly seasonalAware?: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'Prefer near farms where the place of the user is known.',
  })
  @IsOptional()
  @IsBoolean()
  readonly localityWeighting?: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'Leave products out of answers that would not last from today to the delivery day.',
  })
  @IsOptional()
  @IsBoolean()
  readonly shelfLifeAware?: boolean;
}

export class SearchRequest {
  @ApiPropertyOptional({
    minimum: 1,
    maximum: MAX_TRIALS,
    default: 20,
    description: 'Configurations to try, the requested one first.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_TRIALS)
  readonly trials?: number;

  @ApiPropertyOptional({
    minimum: 1,
    maximum: MAX_BUDGET_SECONDS,
    description:
      'Seconds for all trials together; the training of the best one comes on top. Default: no limit, and with one ' +
      'thread the same request then chooses the same.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_BUDGET_SECONDS)
  readonly budgetSeconds?: number;

  @ApiPropertyOptional({
    type: Object,
    example: { factors: [16, 32, 64], learningRate: { min: 0.0005, max: 0.01, scale: 'log' } },
    description:
      'What to try, by hyperparameter: an array of values, or a range with `min`, `max`, `scale` (linear or log) and ' +
      '`step`. Default: the space that the model type declares.',
  })
  @IsOptional()
  @IsObject()
  readonly space?: Record<string, unknown>;
}

export class TrainingConfigRequest {
  @ApiPropertyOptional({
    type: Object,
    example: { epochs: 50, batchSize: 256 },
    description: 'Hyperparameters of the model type; what is left out has its documented default.',
  })
  @IsOptional()
  @IsObject()
  readonly hyperparameters?: Record<string, unknown>;

  @ApiPropertyOptional({ type: AgriculturalContextRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AgriculturalContextRequest)
  readonly agriculturalContext?: AgriculturalContextRequest;

  @ApiPropertyOptional({
    enum: INTERACTION_SOURCES,
    isArray: true,
    default: ['order', 'purchase', 'rating'],
    description: 'What counts as wanting a product: lines of orders, and kinds of events.',
  })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(INTERACTION_SOURCES, { each: true })
  readonly sources?: InteractionSource[];

  @ApiPropertyOptional({ minimum: 0, maximum: MAX_SEED, default: 42 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_SEED)
  readonly seed?: number;

  @ApiPropertyOptional({
    minimum: 1,
    maximum: 64,
    description: 'Threads; 1 is deterministic. Default: ALMANAC_TRAINER_THREADS.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  readonly threads?: number;

  @ApiPropertyOptional({
    type: SearchRequest,
    description: 'Chooses hyperparameters on a validation part of the training data before the training.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SearchRequest)
  readonly search?: SearchRequest;

  @ApiPropertyOptional({
    enum: ENGINES,
    default: 'auto',
    description:
      'What a network trains on. `tensorflow` takes the first of tfjs-node-gpu, tfjs-node, wasm and cpu that loads; ' +
      '`auto` does so where ML_GPU_ENABLED is set.',
  })
  @IsOptional()
  @IsIn(ENGINES)
  readonly engine?: EngineChoice;

  @ApiPropertyOptional({
    enum: ['if-better', 'never'],
    default: 'if-better',
    description: '`if-better` deploys the version when none is deployed and it beats the baselines.',
  })
  @IsOptional()
  @IsIn(['if-better', 'never'])
  readonly deployment?: TrainingConfig['deployment'];
}

export class StartTrainingRequest {
  @ApiProperty({ enum: TRAINABLE, example: 'NEURAL_COLLABORATIVE_FILTERING' })
  @IsIn(TRAINABLE)
  readonly modelType!: string;

  @ApiPropertyOptional({ example: 'weekly recommender', description: 'Name of the version, for people.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  readonly name?: string;

  @ApiPropertyOptional({ type: TrainingConfigRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TrainingConfigRequest)
  readonly config?: TrainingConfigRequest;

  @ApiPropertyOptional({ type: SearchRequest, description: 'The same as `config.search`; give one of them.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SearchRequest)
  readonly search?: SearchRequest;
}

export class ChangeTrainingRequest {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  readonly jobId!: string;

  @ApiProperty({ enum: ['cancel', 'retry'] })
  @IsIn(['cancel', 'retry'])
  readonly action!: 'cancel' | 'retry';
}

export class TrainingQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  readonly status?: TrainingJobStatus;

  @ApiPropertyOptional({ enum: TRAINABLE })
  @IsOptional()
  @IsIn(TRAINABLE)
  readonly modelType?: string;
}
