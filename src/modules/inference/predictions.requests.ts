import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDateString,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { PageQuery } from '../../common/cursor-page.js';

export const PREDICTION_TYPES = ['recommendation'] as const;
const MAX_BATCH = 100;

export class PreferencesRequest {
  @ApiPropertyOptional({ type: [String], example: ['VEGETABLES', 'FRUITS'], description: 'Empty: all.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  readonly categories?: string[];

  @ApiPropertyOptional({ default: false, description: 'Only what is certified organic on the delivery day.' })
  @IsOptional()
  @IsBoolean()
  readonly organicOnly?: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'Only what is certified biodynamic on the delivery day.',
  })
  @IsOptional()
  @IsBoolean()
  readonly biodynamicOnly?: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'Leave out what the user had when the model was trained.',
  })
  @IsOptional()
  @IsBoolean()
  readonly excludePurchased?: boolean;

  @ApiPropertyOptional({ type: [String], example: ['product-7'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  readonly excludeProductIds?: string[];
}

export class RecommendationInputRequest {
  @ApiProperty({ example: 'user-123', description: 'A role `user` may only name itself.' })
  @IsString()
  @Length(1, 200)
  readonly userId!: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 10 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit?: number;

  @ApiPropertyOptional({
    format: 'date',
    example: '2026-06-21',
    description: 'Decides season and certification. Default: today (UTC).',
  })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'deliveryDate must be a date as YYYY-MM-DD' })
  @IsDateString({ strict: true })
  readonly deliveryDate?: string;

  @ApiPropertyOptional({ type: PreferencesRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PreferencesRequest)
  readonly preferences?: PreferencesRequest;
}

export class PredictRequest {
  @ApiProperty({ enum: PREDICTION_TYPES })
  @IsIn(PREDICTION_TYPES)
  readonly type!: (typeof PREDICTION_TYPES)[number];

  @ApiProperty({ type: RecommendationInputRequest })
  @IsObject()
  @ValidateNested()
  @Type(() => RecommendationInputRequest)
  readonly input!: RecommendationInputRequest;
}

export class PredictBatchRequest {
  @ApiProperty({ type: [PredictRequest], minItems: 1, maxItems: MAX_BATCH })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BATCH)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PredictRequest)
  readonly requests!: PredictRequest[];
}

export class PredictionsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'user-123', description: 'A role `user` sees only its own.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  readonly userId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  readonly modelId?: string;

  @ApiPropertyOptional({ enum: PREDICTION_TYPES })
  @IsOptional()
  @IsIn(PREDICTION_TYPES)
  readonly type?: (typeof PREDICTION_TYPES)[number];

  @ApiPropertyOptional({ format: 'date-time', description: 'From this time on.' })
  @IsOptional()
  @IsDateString({ strict: true })
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this time.' })
  @IsOptional()
  @IsDateString({ strict: true })
  readonly to?: string;
}
