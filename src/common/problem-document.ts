import { ApiProperty } from '@nestjs/swagger';

/** What every error of the API looks like (RFC 9457), sent as `application/problem+json`. */
export class ProblemDocument {
  @ApiProperty({ example: '/problems/validation-failed', description: 'Stable name, resolvable by GET.' })
  readonly type!: string;

  @ApiProperty({ example: 'The request is not as documented' })
  readonly title!: string;

  @ApiProperty({ example: 400 })
  readonly status!: number;

  @ApiProperty({ example: '`/type` must be one of recommendation, price; received "cake".' })
  readonly detail?: string;

  @ApiProperty({ example: '/api/ml/predictions', description: 'The address that was asked.' })
  readonly instance!: string;

  @ApiProperty({ example: 'req-1', description: 'The X-Request-Id of the answer, found in the logs.' })
  readonly requestId!: string;
}
