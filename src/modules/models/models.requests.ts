import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';

import { PageQuery } from '../../common/cursor-page.js';
import { MODEL_STATUSES, MODEL_TYPES, type ModelStatus, type ModelType } from './models.types.js';

const ACTIONS = ['deploy', 'deprecate', 'rollback'] as const;

export class ChangeModelRequest {
  @ApiProperty({ enum: ACTIONS })
  @IsIn(ACTIONS)
  readonly action!: (typeof ACTIONS)[number];

  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  readonly modelId!: string;

  @ApiPropertyOptional({ description: 'Why, for the history.', example: 'better NDCG on last week' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}

export class ModelsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: MODEL_TYPES })
  @IsOptional()
  @IsIn(MODEL_TYPES)
  readonly type?: ModelType;

  @ApiPropertyOptional({ enum: MODEL_STATUSES })
  @IsOptional()
  @IsIn(MODEL_STATUSES)
  readonly status?: ModelStatus;
}

export class DeleteModelQuery {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  readonly modelId!: string;
}
