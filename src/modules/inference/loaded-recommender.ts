import type { RecommenderModel } from '../../ml/recommenders/recommender-model.js';
import type { Artifact } from '../../ports/artifact-store.js';
import type { ModelVersion } from '../models/models.types.js';
import type { CatalogIndex } from './catalog-index.js';

/** A deployed version in memory, ready to score. */
export class LoadedRecommender {
  private readonly userIndex: ReadonlyMap<string, number>;
  private readonly scores: Float32Array;
  private aligned: { readonly catalog: CatalogIndex; readonly products: Int32Array } | undefined;

  constructor(
    readonly version: ModelVersion,
    private readonly model: RecommenderModel,
    private readonly artifact: Artifact,
  ) {
    this.userIndex = new Map(artifact.userIds.map((id, index) => [id, index]));
    this.scores = new Float32Array(model.itemCount);
  }

  /** @returns undefined for a user that was not there when the model was trained. */
  findUser(userId: string): number | undefined {
    return this.userIndex.get(userId);
  }

  /** Scores once, so that the first request finds everything compiled. */
  warm(): void {
    if (this.model.userCount > 0) this.model.scoreAll(0, this.scores);
  }

  /**
   * Scores of every item for a user. Shape (items); the array is reused by the next call.
   *
   * @param user From `findUser`.
   */
  score(user: number): Float32Array {
    return this.model.scoreAll(user, this.scores);
  }

  /** Items that the user had when the model was trained. */
  historyOf(user: number): Int32Array {
    const { offsets, items } = this.artifact.history;
    return items.subarray(offsets[user], offsets[user + 1]);
  }

  /** Index in the catalogue of every item, −1 for one that is no longer in it. Shape (items). */
  productsIn(catalog: CatalogIndex): Int32Array {
    if (this.aligned?.catalog !== catalog) {
      const products = Int32Array.from(this.artifact.itemIds, (id) => catalog.indexOf(id));
      this.aligned = { catalog, products };
    }
    return this.aligned.products;
  }
}
