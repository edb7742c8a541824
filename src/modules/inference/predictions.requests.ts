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
  IsNumber,
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
import type { RepurchaseRule } from './inference.types.js';

export const PREDICTION_TYPES = ['recommendation'] as const;
const REPURCHASE_RULES: readonly RepurchaseRule[] = ['by-category', 'always', 'never'];
const MAX_BATCH = 100;
const FINITE = { allowNaN: false, allowInfinity: false };
/** Half of the Earth's circumference, rounded up. */
const FARTHEST_KM = 20_040;

/** A point on the Earth, in degrees. */
export class LocationRequest {
  @ApiProperty({ minimum: -90, maximum: 90, example: 42.25 })
  @IsNumber(FINITE)
  @Min(-90)
  @Max(90)
  readonly latitude!: number;

  @ApiProperty({ minimum: -180, maximum: 180, example: -73.79 })
  @IsNumber(FINITE)
  @Min(-180)
  @Max(180)
  readonly longitude!: number;
}

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
    description:
      'Only what is in season on the delivery day. Default: `agriculturalContext.seasonalAware` of the training.',
  })
  @IsOptional()
  @IsBoolean()
  readonly inSeasonOnly?: boolean;

  @ApiPropertyOptional({
    description:
      'Only what is in stock today and still good on the delivery day: shelf life ≥ days until then. Default: `agriculturalContext.shelfLifeAware` of the training.',
  })
  @IsOptional()
  @IsBoolean()
  readonly mustLast?: boolean;

  @ApiPropertyOptional({
    minimum: 0.1,
    maximum: FARTHEST_KM,
    example: 80,
    description:
      'Only farms at most so far away, in kilometres. Needs `location` or a user with a stored place.',
  })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(0.1)
  @Max(FARTHEST_KM)
  readonly maxDistanceKm?: number;

  @ApiPropertyOptional({
    enum: REPURCHASE_RULES,
    default: 'by-category',
    description:
      'What happens to products that the user has had: `by-category` leaves out those of categories that are not bought again (carrots are, a beehive is not), `never` all, `always` none.',
  })
  @IsOptional()
  @IsIn(REPURCHASE_RULES)
  readonly repurchase?: RepurchaseRule;

  @ApiPropertyOptional({
    minimum: 1,
    maximum: 100,
    description: 'Most products of one farm. Default: any number.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  readonly maxPerFarm?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 1,
    default: 0,
    description: 'How unlike each other the products are to be; 0 orders by score alone.',
  })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  readonly diversity?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 1,
    default: 0,
    description: 'How much newly listed products are favored.',
  })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  readonly freshness?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 1,
    description:
      'How much nearness weighs, where a place is known. Default: 0.5 when the training was told `localityWeighting`, else 0.',
  })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  readonly localityWeight?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 1,
    description:
      'How much it weighs when in the year a product sells. Default: 0.3 when the training was told `seasonalAware`, else 0.',
  })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  readonly seasonWeight?: number;

  @ApiPropertyOptional({ default: false, description: 'Leave out everything that the user has had.' })
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
    description: 'Decides season, shelf life and certification. Default: today (UTC).',
  })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'deliveryDate must be a date as YYYY-MM-DD' })
  @IsDateString({ strict: true })
  readonly deliveryDate?: string;

  @ApiPropertyOptional({
    type: LocationRequest,
    description: 'Where it is to be delivered. Default: where the user lives, as the shop said.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LocationRequest)
  readonly location?: LocationRequest;

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
