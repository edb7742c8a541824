import { Injectable } from '@nestjs/common';

import { toPage, type Page, type PageRequest } from '../../common/cursor-page.js';
import { CatalogEntryNotFoundError, UnknownReferenceError } from './catalog.errors.js';
import { CatalogRepository } from './catalog.repository.js';
import type {
  FarmRow,
  PriceChangeRow,
  ProductFacts,
  ProductFilter,
  ProductRow,
  Queryable,
  SavedCounts,
  StockLevelRow,
  StoredFarm,
  StoredProduct,
  StoredUser,
  UserRow,
} from './catalog.types.js';
import { CatalogWriterRepository } from './catalog-writer.repository.js';

/**
 * Users, farms and products: one by one for the API, in batches for the import.
 *
 * A batch names each id at most once. `connection` lets the import keep a whole file in one transaction.
 */
@Injectable()
export class CatalogService {
  constructor(
    private readonly reader: CatalogRepository,
    private readonly writer: CatalogWriterRepository,
  ) {}

  /** @throws CatalogEntryNotFoundError */
  async getUser(id: string): Promise<StoredUser> {
    const user = await this.reader.findUser(id);
    if (!user) throw new CatalogEntryNotFoundError('user', id);
    return user;
  }

  /** @throws CatalogEntryNotFoundError */
  async getFarm(id: string): Promise<StoredFarm> {
    const farm = await this.reader.findFarm(id);
    if (!farm) throw new CatalogEntryNotFoundError('farm', id);
    return farm;
  }

  /** @throws CatalogEntryNotFoundError */
  async getProduct(id: string): Promise<StoredProduct> {
    const product = await this.reader.findProduct(id);
    if (!product) throw new CatalogEntryNotFoundError('product', id);
    return product;
  }

  async listProducts(filter: ProductFilter, page: PageRequest): Promise<Page<StoredProduct>> {
    return toPage(await this.reader.listProducts(filter, page), page);
  }

  async putUser(row: UserRow): Promise<StoredUser> {
    await this.writer.saveUsers([row]);
    return this.getUser(row.id);
  }

  async putFarm(row: FarmRow): Promise<StoredFarm> {
    await this.writer.saveFarms([row]);
    return this.getFarm(row.id);
  }

  /** @throws UnknownReferenceError when the farm is not stored. */
  async putProduct(row: ProductRow): Promise<StoredProduct> {
    const { farmId } = row;
    if (farmId && (await this.reader.findFarmIds([farmId])).length === 0) {
      throw new UnknownReferenceError('farmId', 'farm', [farmId]);
    }
    await this.writer.saveProducts([row]);
    return this.getProduct(row.id);
  }

  async saveUsers(rows: readonly UserRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.writer.saveUsers(rows, connection);
  }

  async saveFarms(rows: readonly FarmRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.writer.saveFarms(rows, connection);
  }

  async saveProducts(rows: readonly ProductRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.writer.saveProducts(rows, connection);
  }

  async savePriceChanges(rows: readonly PriceChangeRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.writer.savePriceChanges(rows, connection);
  }

  async saveStockLevels(rows: readonly StockLevelRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.writer.saveStockLevels(rows, connection);
  }

  /** @returns Those of `ids` that are stored. */
  async findUserIds(ids: readonly string[], connection?: Queryable): Promise<readonly string[]> {
    return this.reader.findUserIds(ids, connection);
  }

  /** @returns Those of `ids` that are stored. */
  async findFarmIds(ids: readonly string[], connection?: Queryable): Promise<readonly string[]> {
    return this.reader.findFarmIds(ids, connection);
  }

  async findProductFacts(
    ids: readonly string[],
    connection?: Queryable,
  ): Promise<ReadonlyMap<string, ProductFacts>> {
    return this.reader.findProductFacts(ids, connection);
  }

  async createBareUsers(ids: readonly string[], connection?: Queryable): Promise<void> {
    await this.writer.createBareUsers(ids, connection);
  }

  async createBareProducts(
    products: ReadonlyMap<string, Partial<ProductFacts>>,
    connection?: Queryable,
  ): Promise<void> {
    await this.writer.createBareProducts(products, connection);
  }
}
