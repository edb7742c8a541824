import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { LARGEST_PRICE_MINOR, LARGEST_QUANTITY, LONGEST_ID, PLAIN_TEXT } from '../catalog/catalog.types.js';
import { EVENT_TYPES, type EventType } from './events.types.js';

const plainText = { message: '$property must be a text without control characters' };
/** Strict ISO 8601 with a zone, so that nobody's local time is guessed. */
const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/;
const zoned = { message: '$property must be an ISO 8601 time with a zone, e.g. 2026-06-01T08:00:00Z' };

/** The id of an order or event in a path. */
export class ActivityPath {
  @ApiProperty({ description: "The shop's own id, or the one that storing the event answered." })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly id!: string;
}

export class PostEventRequest {
  @ApiPropertyOptional({
    description: 'Left out: made from type, user, product and time, so that a repeat is the same event.',
  })
  @IsOptional()
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly id?: string;

  @ApiProperty({ enum: EVENT_TYPES })
  @IsIn(EVENT_TYPES)
  readonly type!: EventType;

  @ApiProperty({ example: '2026-06-01T08:00:00Z' })
  @IsISO8601({ strict: true, strictSeparator: true }, zoned)
  @Matches(ZONED, zoned)
  readonly at!: string;

  @ApiProperty({ example: 'user-1' })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly userId!: string;

  @ApiProperty({ example: 'product-1' })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly productId!: string;

  @ApiPropertyOptional({ description: 'The rating of a `rating` (needed there), else a count.' })
  @ValidateIf(({ type, value }: PostEventRequest) => type === 'rating' || value !== undefined)
  @IsNumber({ allowNaN: false, allowInfinity: false })
  readonly value?: number;

  @ApiPropertyOptional({ example: { position: 3, list: 'home' } })
  @IsOptional()
  @IsObject()
  readonly context?: Readonly<Record<string, unknown>>;
}

export class OrderLineRequest {
  @ApiProperty({ example: 'product-1' })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly productId!: string;

  @ApiProperty({ description: "In the product's unit.", example: 2 })
  @IsNumber({ allowNaN: false, allowInfinity: false, maxDecimalPlaces: 3 })
  @Min(0.001)
  @Max(LARGEST_QUANTITY)
  readonly quantity!: number;

  @ApiPropertyOptional({ description: "In minor units of the product's currency.", example: 350 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LARGEST_PRICE_MINOR)
  readonly unitPriceMinor?: number;
}

/** A whole order: one with the same id is replaced. */
export class PostOrderRequest {
  @ApiProperty({ example: 'order-1' })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly id!: string;

  @ApiProperty({ example: 'user-1' })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly userId!: string;

  @ApiProperty({ example: '2026-06-01T08:00:00Z' })
  @IsISO8601({ strict: true, strictSeparator: true }, zoned)
  @Matches(ZONED, zoned)
  readonly placedAt!: string;

  @ApiProperty({ type: [OrderLineRequest] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => OrderLineRequest)
  readonly lines!: readonly OrderLineRequest[];
}
