import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { EntryPath, PutUserRequest } from './catalog.requests.js';
import { CatalogService } from './catalog.service.js';
import type { StoredUser } from './catalog.types.js';
import { wholeRow } from './whole-row.js';

const EXAMPLE = {
  id: 'user-1',
  name: 'Ada',
  latitude: 44.476,
  longitude: -73.212,
  region: 'Burlington, VT',
  preferences: { categories: ['VEGETABLES'] },
  createdAt: '2026-06-01T08:00:00.000Z',
  updatedAt: '2026-06-01T08:00:00.000Z',
};
const CLEARED = { name: null, latitude: null, longitude: null, region: null, preferences: null };

@ApiTags('catalog')
@Roles('admin', 'service')
@Controller('api/ml/users')
export class UsersController {
  constructor(private readonly catalog: CatalogService) {}

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One user' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param() { id }: EntryPath): Promise<Envelope<StoredUser>> {
    return ok(await this.catalog.getUser(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Create or replace a user' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403)
  async put(@Param() { id }: EntryPath, @Body() request: PutUserRequest): Promise<Envelope<StoredUser>> {
    return ok(await this.catalog.putUser(wholeRow(id, CLEARED, request)));
  }
}
