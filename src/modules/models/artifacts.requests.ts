import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import type { ArtifactFormat } from '../../ports/artifact-downloads.js';

const FORMATS: readonly ArtifactFormat[] = ['almanac', 'tfjs'];

export class ArtifactQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    default: 'almanac',
    description: '`almanac`: the artifact as it is kept. `tfjs`: a TensorFlow.js layers model.',
  })
  @IsOptional()
  @IsIn(FORMATS)
  readonly format?: ArtifactFormat;
}
