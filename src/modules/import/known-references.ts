import type { CatalogService } from '../catalog/catalog.service.js';
import type { ProductFacts, Queryable } from '../catalog/catalog.types.js';
import type { Draft, References } from './kinds/kind-plan.js';
import { Refusal } from './rows/refusal.js';

/** Ids remembered before they are forgotten and asked for again. */
const MOST_REMEMBERED = 200_000;

/** Knows which users, farms and products are stored, asking the database once for each in bounded memory. */
export class KnownReferences {
  private readonly users = new Set<string>();
  private readonly farms = new Set<string>();
  readonly products = new Map<string, ProductFacts>();

  constructor(
    private readonly catalog: CatalogService,
    private readonly createMissing: boolean,
    private readonly connection?: Queryable,
  ) {}

  /** Looks up what a batch refers to, and makes what is missing when that was asked for. */
  async learn(
    drafts: readonly Draft[],
    referencesOf: (fields: Draft['fields']) => References,
  ): Promise<void> {
    for (const known of [this.users, this.farms, this.products]) {
      if (known.size > MOST_REMEMBERED) known.clear();
    }
    const users = new Set<string>();
    const farms = new Set<string>();
    const products = new Map<string, Partial<ProductFacts>>();
    for (const { fields } of drafts) {
      const references = referencesOf(fields);
      for (const id of references.users ?? []) if (!this.users.has(id)) users.add(id);
      for (const id of references.farms ?? []) if (!this.farms.has(id)) farms.add(id);
      for (const [id, facts] of references.products ?? [])
        if (!this.products.has(id)) products.set(id, facts);
    }
    await this.learnUsers([...users]);
    await this.learnProducts(products);
    if (farms.size > 0) {
      for (const id of await this.catalog.findFarmIds([...farms], this.connection)) this.farms.add(id);
    }
  }

  /** @returns Why an entry that refers to something unknown is refused. */
  check(references: References): Refusal | undefined {
    for (const id of references.users ?? []) if (!this.users.has(id)) return unknown('userId', 'user', id);
    for (const id of references.farms ?? []) if (!this.farms.has(id)) return unknown('farmId', 'farm', id);
    for (const id of references.products?.keys() ?? []) {
      if (!this.products.has(id)) return unknown('productId', 'product', id);
    }
    return undefined;
  }

  private async learnUsers(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of await this.catalog.findUserIds(ids, this.connection)) this.users.add(id);
    const missing = ids.filter((id) => !this.users.has(id));
    if (!this.createMissing || missing.length === 0) return;
    await this.catalog.createBareUsers(missing, this.connection);
    for (const id of missing) this.users.add(id);
  }

  private async learnProducts(wanted: ReadonlyMap<string, Partial<ProductFacts>>): Promise<void> {
    if (wanted.size === 0) return;
    const remember = async (ids: readonly string[]): Promise<void> => {
      const facts = await this.catalog.findProductFacts(ids, this.connection);
      for (const [id, fact] of facts) this.products.set(id, fact);
    };
    await remember([...wanted.keys()]);
    const missing = new Map([...wanted].filter(([id]) => !this.products.has(id)));
    if (!this.createMissing || missing.size === 0) return;
    await this.catalog.createBareProducts(missing, this.connection);
    await remember([...missing.keys()]);
  }
}

function unknown(field: string, kind: string, id: string): Refusal {
  return Refusal.of(field, `the id of a stored ${kind}`, id);
}
