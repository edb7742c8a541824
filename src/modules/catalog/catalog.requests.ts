import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { PageQuery } from '../../common/cursor-page.js';
import { LARGEST_PRICE_MINOR, LARGEST_QUANTITY, LONGEST_ID, PLAIN_TEXT, UNITS } from './catalog.types.js';

const ISO_DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const plainText = { message: '$property must be a text without control characters' };
const isoDate = { message: '$property must be a date as YYYY-MM-DD' };

export class EntryPath {
  @ApiProperty({ description: "The shop's own id." })
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly id!: string;
}

export class CertificationRequest {
  @ApiProperty({ example: 'organic' })
  @Length(1, 50)
  @Matches(PLAIN_TEXT, plainText)
  readonly kind!: string;

  @ApiPropertyOptional({ example: 'ORG-010037' })
  @IsOptional()
  @Length(1, 200)
  @Matches(PLAIN_TEXT, plainText)
  readonly number?: string;

  @ApiPropertyOptional({ example: 'Green Mountain Organic' })
  @IsOptional()
  @Length(1, 200)
  @Matches(PLAIN_TEXT, plainText)
  readonly body?: string;

  @ApiPropertyOptional({ example: '2026-01-01' })
  @IsOptional()
  @Matches(ISO_DATE, isoDate)
  readonly validFrom?: string;

  @ApiPropertyOptional({ example: '2027-12-31' })
  @IsOptional()
  @Matches(ISO_DATE, isoDate)
  readonly validUntil?: string;
}

class PlacedRequest {
  @ApiPropertyOptional({ minimum: -90, maximum: 90, example: 44.476 })
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(-90)
  @Max(90)
  readonly latitude?: number;

  @ApiPropertyOptional({ minimum: -180, maximum: 180, example: -73.212 })
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(-180)
  @Max(180)
  readonly longitude?: number;

  @ApiPropertyOptional({ example: 'Burlington, VT' })
  @IsOptional()
  @Length(1, 200)
  @Matches(PLAIN_TEXT, plainText)
  readonly region?: string;
}

/** The whole user: a field that is left out is cleared. */
export class PutUserRequest extends PlacedRequest {
  @ApiPropertyOptional({ example: 'Ada' })
  @IsOptional()
  @Length(1, 200)
  @Matches(PLAIN_TEXT, plainText)
  readonly name?: string;

  @ApiPropertyOptional({ example: { categories: ['VEGETABLES'], organicOnly: true } })
  @IsOptional()
  @IsObject()
  readonly preferences?: Readonly<Record<string, unknown>>;
}

/** The whole farm: a field that is left out is cleared. */
export class PutFarmRequest extends PlacedRequest {
  @ApiProperty({ example: 'Hillcrest Farm' })
  @Length(1, 200)
  @Matches(PLAIN_TEXT, plainText)
  readonly name!: string;

  @ApiPropertyOptional({ type: [CertificationRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => CertificationRequest)
  readonly certifications?: readonly CertificationRequest[];
}

/** The whole product: a field that is left out is cleared or gets its default. */
export class PutProductRequest {
  @ApiProperty({ example: 'Rainbow chard' })
  @Length(1, 300)
  @Matches(PLAIN_TEXT, plainText)
  readonly name!: string;

  @ApiProperty({ example: 'VEGETABLES' })
  @Length(1, 100)
  @Matches(PLAIN_TEXT, plainText)
  readonly category!: string;

  @ApiPropertyOptional({ example: 'farm-1' })
  @IsOptional()
  @Length(1, LONGEST_ID)
  @Matches(PLAIN_TEXT, plainText)
  readonly farmId?: string;

  @ApiPropertyOptional({ enum: UNITS, default: 'piece' })
  @IsOptional()
  @IsIn(UNITS)
  readonly unit?: (typeof UNITS)[number];

  @ApiPropertyOptional({ description: 'Price of one unit in minor units of `currency`.', example: 350 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LARGEST_PRICE_MINOR)
  readonly priceMinor?: number;

  @ApiPropertyOptional({ default: 'EUR', example: 'USD' })
  @IsOptional()
  @IsString()
  @IsISO4217CurrencyCode()
  readonly currency?: string;

  @ApiPropertyOptional({
    description: 'Months 1–12 of sale; empty: all year.',
    example: [5, 6, 7],
    type: [Number],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(12)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(12, { each: true })
  readonly seasonMonths?: readonly number[];

  @ApiPropertyOptional({ minimum: 0, example: 6 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly shelfLifeDays?: number;

  @ApiPropertyOptional({ type: [CertificationRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => CertificationRequest)
  readonly certifications?: readonly CertificationRequest[];

  @ApiPropertyOptional({ description: 'In units; left out where it is not tracked.', example: 24 })
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false, maxDecimalPlaces: 3 })
  @Min(0)
  @Max(LARGEST_QUANTITY)
  readonly stock?: number;

  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @IsBoolean()
  readonly active?: boolean;
}

export class ProductsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'VEGETABLES' })
  @IsOptional()
  @Length(1, 100)
  readonly category?: string;

  @ApiPropertyOptional({ example: 'farm-1' })
  @IsOptional()
  @Length(1, LONGEST_ID)
  readonly farmId?: string;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  readonly active?: boolean;
}
