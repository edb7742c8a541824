import type { ModelState } from '../../src/ml/core/learner.js';
import { createRandom, drawBelow } from '../../src/ml/core/random.js';
import type { KernelRuntime } from '../../src/ml/kernels/kernel-runtime.js';
import { NeuMF } from '../../src/ml/recommenders/neumf.js';
import type { RecommenderModel } from '../../src/ml/recommenders/recommender-model.js';
import { CatalogIndex, type CatalogEntry } from '../../src/modules/inference/catalog-index.js';
import { LoadedRecommender } from '../../src/modules/inference/loaded-recommender.js';
import { shareTensors } from '../../src/ports/scoring-pool.js';

const CATEGORIES = ['VEGETABLES', 'FRUITS', 'DAIRY', 'MEAT', 'FLOWERS', 'HONEY'];
const FARMS = 500;

/** A product as a shop has them: some out of stock, some seasonal, half of the farms organic. */
export function productAt(index: number): CatalogEntry {
  const farm = index % FARMS;
  return {
    id: `product-${index}`,
    name: `Product number ${index}`,
    category: CATEGORIES[index % CATEGORIES.length]!,
    farmId: `farm-${farm}`,
    place: { latitude: 50 + farm / 1000, longitude: 10 + farm / 1000 },
    region: `region-${farm % 16}`,
    unit: 'kg',
    priceMinor: 100 + (index % 900),
    currency: 'EUR',
    season: index % 3 === 0 ? 0b0000_1111_1000 : 0,
    shelfLifeDays: 1 + (index % 30),
    certifications: farm % 2 === 0 ? ORGANIC : NONE,
    isAvailable: index % 10 !== 9,
  };
}

const ORGANIC = [{ kind: 'organic', validUntil: '2030-12-31' }];
const NONE: CatalogEntry['certifications'] = [];

export function catalogOf(productCount: number): CatalogIndex {
  const catalog = new CatalogIndex();
  Array.from(catalog.makeRoom(productCount));
  for (let i = 0; i < productCount; i += 1) catalog.put(productAt(i));
  return catalog;
}

/** A NeuMF of the default size, trained for an epoch on purchases by chance: what it costs is what any other costs. */
export async function network(
  kernels: KernelRuntime,
  userCount: number,
  itemCount: number,
): Promise<LoadedRecommender> {
  const random = createRandom(1);
  const rowCount = 50 * userCount;
  const draw = (bound: number): Int32Array =>
    Int32Array.from({ length: rowCount }, () => drawBelow(random, bound));
  const rows = {
    userCount,
    itemCount,
    users: draw(userCount),
    items: draw(itemCount),
    timestamps: new Float64Array(rowCount),
  };
  const learner = new NeuMF({ epochs: 1 });
  const state = shareTensors((await learner.fit(rows, { kernels, seed: 1 })).save());
  return load('NEURAL_COLLABORATIVE_FILTERING', learner.load(state, { kernels }), state);
}

/** Wraps a model as the service has it. */
export function load(type: string, model: RecommenderModel, state: ModelState): LoadedRecommender {
  const { userCount, itemCount } = model;
  const now = new Date(0);
  const version = {
    id: `${type}-${itemCount}`,
    name: type,
    type,
    version: 1,
    status: 'DEPLOYED',
    config: {},
    metrics: {},
    artifactHash: undefined,
    snapshotHash: undefined,
    trainedAt: now,
    deployedAt: now,
    createdAt: now,
    updatedAt: now,
  } as const;
  return new LoadedRecommender(version, model, {
    state,
    userIds: Array.from({ length: userCount }, (_, i) => `user-${i}`),
    itemIds: Array.from({ length: itemCount }, (_, i) => `product-${i}`),
    history: { offsets: new Int32Array(userCount + 1), items: new Int32Array() },
  });
}
