import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { EntryPath, PutFarmRequest } from './catalog.requests.js';
import { CatalogService } from './catalog.service.js';
import type { StoredFarm } from './catalog.types.js';
import { wholeRow } from './whole-row.js';

const EXAMPLE = {
  id: 'farm-1',
  name: 'Hillcrest Farm',
  latitude: 42.5,
  longitude: -76.4,
  region: 'Ithaca, NY',
  certifications: [
    {
      kind: 'organic',
      number: 'ORG-010037',
      body: 'Hudson Organic',
      validFrom: '2025-02-01',
      validUntil: '2027-01-31',
    },
  ],
  createdAt: '2026-06-01T08:00:00.000Z',
  updatedAt: '2026-06-01T08:00:00.000Z',
};
const CLEARED = { latitude: null, longitude: null, region: null, certifications: null };

@ApiTags('catalog')
@Roles('admin', 'service')
@Controller('api/ml/farms')
export class FarmsController {
  constructor(private readonly catalog: CatalogService) {}

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One farm' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param() { id }: EntryPath): Promise<Envelope<StoredFarm>> {
    return ok(await this.catalog.getFarm(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Create or replace a farm' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403)
  async put(@Param() { id }: EntryPath, @Body() request: PutFarmRequest): Promise<Envelope<StoredFarm>> {
    return ok(await this.catalog.putFarm(wholeRow(id, CLEARED, request)));
  }
}
