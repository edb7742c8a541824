import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

import { IMPORT_KINDS, type ImportKind } from './import.types.js';

/** `?a=x&a=y` arrives as a list, `?a=x` as a text. */
function ToList(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value));
}

/** Query texts `true` and `false`; anything else stays, to be refused. */
function ToFlag(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === 'true' || value === '') return true;
    return value === 'false' ? false : value;
  });
}

export class ImportPath {
  @ApiProperty({ enum: IMPORT_KINDS })
  @IsIn(IMPORT_KINDS)
  readonly kind!: ImportKind;
}

export class ImportQuery {
  @ApiPropertyOptional({
    description: 'Delimiter of CSV: `,`, `;`, `|`, or `tab`.',
    default: ',',
    enum: [',', ';', '|', 'tab', 'comma', 'semicolon', 'pipe'],
  })
  @IsOptional()
  @IsIn([',', ';', '|', '\t', 'tab', 'comma', 'semicolon', 'pipe'])
  readonly delimiter?: string;

  @ApiPropertyOptional({
    description:
      'Their column name to ours, e.g. `user:userId,item:productId`. The last `:` (or `=`) separates.',
    isArray: true,
    type: String,
  })
  @IsOptional()
  @ToList()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(2000, { each: true })
  readonly map?: readonly string[];

  @ApiPropertyOptional({
    description: 'A value for every row that does not say otherwise, e.g. `type:rating`.',
    isArray: true,
    type: String,
  })
  @IsOptional()
  @ToList()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(2000, { each: true })
  readonly set?: readonly string[];

  @ApiPropertyOptional({ description: 'Skip unknown columns and fields.', default: false, type: Boolean })
  @IsOptional()
  @ToFlag()
  @IsBoolean()
  readonly ignoreUnknown?: boolean;

  @ApiPropertyOptional({
    description: 'Make users and products that orders and events refer to.',
    default: false,
    type: Boolean,
  })
  @IsOptional()
  @ToFlag()
  @IsBoolean()
  readonly createMissing?: boolean;

  @ApiPropertyOptional({ description: 'All lines or none.', default: false, type: Boolean })
  @IsOptional()
  @ToFlag()
  @IsBoolean()
  readonly atomic?: boolean;
}
