import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

import { InvalidCursorError } from './http.errors.js';

/** The place after which a page starts: newest first by creation time, ties by id. */
export interface PagePosition {
  readonly createdAt: Date;
  readonly id: string;
}

/** What a repository needs to read one page. */
export interface PageRequest {
  /** Entries wanted. Repositories read one more, to know whether there is a next page. */
  readonly limit: number;
  readonly after: PagePosition | undefined;
}

export interface PageMeta {
  /** To be sent as `cursor` for the next page; null on the last one. */
  readonly nextCursor: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly meta: PageMeta;
}

const DEFAULT_LIMIT = 50;

/** Query parameters of every list; extend it with filters. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: DEFAULT_LIMIT, description: 'Entries a page.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit?: number;

  @ApiPropertyOptional({ description: '`meta.nextCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  readonly cursor?: string;
}

/** @throws InvalidCursorError when the cursor was not made by `toPage`. */
export function toPageRequest({ limit, cursor }: PageQuery): PageRequest {
  return { limit: limit ?? DEFAULT_LIMIT, after: cursor === undefined ? undefined : readCursor(cursor) };
}

/** Makes a page of up to `limit + 1` rows, the last of which only says that there is more. */
export function toPage<T extends PagePosition>(rows: readonly T[], { limit }: PageRequest): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    meta: { nextCursor: rows.length > limit && last !== undefined ? writeCursor(last) : null },
  };
}

export function writeCursor({ createdAt, id }: PagePosition): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

function readCursor(cursor: string): PagePosition {
  const text = Buffer.from(cursor, 'base64url').toString();
  const match = /^(\d{1,15})\.([^\0]{1,100})$/su.exec(text);
  // base64url is read leniently, so only a cursor that would be written the same way is one of ours
  if (!match?.[1] || !match[2] || Buffer.from(text).toString('base64url') !== cursor) {
    throw new InvalidCursorError();
  }
  return { createdAt: new Date(Number(match[1])), id: match[2] };
}
