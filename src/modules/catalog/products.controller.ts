import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { toPageRequest, type PageMeta } from '../../common/cursor-page.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { EntryPath, ProductsQuery, PutProductRequest } from './catalog.requests.js';
import { CatalogService } from './catalog.service.js';
import type { StoredProduct } from './catalog.types.js';
import { wholeRow } from './whole-row.js';

const EXAMPLE = {
  id: 'product-1',
  farmId: 'farm-1',
  name: 'Rainbow chard',
  category: 'VEGETABLES',
  unit: 'bunch',
  priceMinor: 350,
  currency: 'USD',
  seasonMonths: [5, 6, 7, 8, 9, 10, 11],
  shelfLifeDays: 6,
  certifications: [],
  stock: '24.000',
  active: true,
  createdAt: '2026-06-01T08:00:00.000Z',
  updatedAt: '2026-06-01T08:00:00.000Z',
};
const CLEARED = {
  farmId: null,
  unit: null,
  priceMinor: null,
  currency: null,
  seasonMonths: null,
  shelfLifeDays: null,
  certifications: null,
  stock: null,
  active: null,
};

@ApiTags('catalog')
@Roles('admin', 'service')
@Controller('api/ml/products')
export class ProductsController {
  constructor(private readonly catalog: CatalogService) {}

  @Get()
  @ApiOperation({ summary: 'Products, newest first' })
  @ApiOkResponse({ schema: { example: ok([EXAMPLE], { nextCursor: null }) } })
  @ApiProblems(400, 401, 403)
  async list(@Query() query: ProductsQuery): Promise<Envelope<readonly StoredProduct[], PageMeta>> {
    const { items, meta } = await this.catalog.listProducts(query, toPageRequest(query));
    return ok(items, meta);
  }

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One product' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param() { id }: EntryPath): Promise<Envelope<StoredProduct>> {
    return ok(await this.catalog.getProduct(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Create or replace a product' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 422)
  async put(
    @Param() { id }: EntryPath,
    @Body() request: PutProductRequest,
  ): Promise<Envelope<StoredProduct>> {
    return ok(await this.catalog.putProduct(wholeRow(id, CLEARED, request)));
  }
}
