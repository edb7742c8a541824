import type { KernelRuntime } from '../../ml/kernels/kernel-runtime.js';
import { topK, type TopK } from '../../ml/math/top-k.js';
import type { RecommenderModel, UserHistory } from '../../ml/recommenders/recommender-model.js';
import {
  ModelRetriever,
  MOST_ITEMS_SCORED_EXACTLY,
  type RetrievalPlan,
} from '../../ml/retrieval/model-retriever.js';
import type { Artifact } from '../../ports/artifact-store.js';
import type { ScoringModel } from '../../ports/scoring-pool.js';
import type { ModelVersion } from '../models/models.types.js';
import type { CandidateQuery, Candidates } from './candidates.js';
import type { CatalogIndex } from './catalog-index.js';
import { SlotAlignment } from './slot-alignment.js';

/** How much of the farm goes into an answer. */
export interface AgriculturalContext {
  readonly seasonalAware: boolean;
  readonly localityWeighting: boolean;
  readonly shelfLifeAware: boolean;
}

/** Room in an index for products that come while it serves, beside as many as there are. */
const SPARE_SLOTS = 100_000;
/** Stands for a product that nobody has bought. */
const LEAST_SCORE = 1e-3;

/** A deployed version in memory, ready to score. */
export class LoadedRecommender {
  private readonly userIndex: ReadonlyMap<string, number>;
  private readonly itemIndex: ReadonlyMap<string, number>;
  private readonly scores: Float32Array;
  private readonly alignment: SlotAlignment;
  private retriever: ModelRetriever | undefined;
  /** State of the alignment that the retriever was told of. */
  private placedRevision = -1;

  /** @param artifact With its tensors in shared memory. */
  constructor(
    readonly version: ModelVersion,
    private readonly model: RecommenderModel,
    private readonly artifact: Artifact,
  ) {
    this.userIndex = new Map(artifact.userIds.map((id, index) => [id, index]));
    this.itemIndex = new Map(artifact.itemIds.map((id, index) => [id, index]));
    this.scores = new Float32Array(model.itemCount);
    this.alignment = new SlotAlignment(artifact.itemIds);
  }

  /** @returns undefined for a user that was not there when the model was trained. */
  findUser(userId: string): number | undefined {
    return this.userIndex.get(userId);
  }

  /** What threads need to score with it. */
  get scoringModel(): ScoringModel {
    return { id: this.version.id, type: this.version.type, state: this.artifact.state };
  }

  /** Whether candidates come out of an index and not of scores of all items. */
  get hasIndex(): boolean {
    return this.retriever !== undefined;
  }

  /** Whether it has more items than are scored one by one for each request. */
  get needsIndex(): boolean {
    return this.model.itemCount > MOST_ITEMS_SCORED_EXACTLY;
  }

  /** Finds candidates by an index from now on. @param catalog For whose products there has to be room. */
  async useIndex(plan: RetrievalPlan, kernels: KernelRuntime, catalog: CatalogIndex): Promise<void> {
    const maskLength = SPARE_SLOTS + 2 * catalog.products.length;
    this.placedRevision = -1;
    this.retriever = await ModelRetriever.open(kernels, this.model, plan, maskLength);
  }

  /** @returns undefined for a product that nobody had when the model was trained. */
  findItem(productId: string): number | undefined {
    return this.itemIndex.get(productId);
  }

  /** Kinds of rows that the model was trained on. */
  get sources(): readonly string[] {
    const sources: unknown = this.version.config['sources'];
    return Array.isArray(sources) ? sources.filter((source) => typeof source === 'string') : [];
  }

  /** Scores once, so that the first request finds everything compiled. */
  warm(): void {
    if (this.model.userCount > 0) this.model.scoreAll(0, this.scores);
  }

  /** What the training was told about the farm in it. */
  get agriculturalContext(): AgriculturalContext {
    const context = this.version.config['agriculturalContext'];
    const told =
      typeof context === 'object' && context !== null ? (context as Partial<AgriculturalContext>) : {};
    return {
      seasonalAware: told.seasonalAware ?? true,
      localityWeighting: told.localityWeighting ?? false,
      shelfLifeAware: told.shelfLifeAware ?? false,
    };
  }

  /**
   * Scores of every item for a user, in the unit of the learner. Shape (items); the array is reused by the next call.
   *
   * @param user From `findUser`.
   */
  score(user: number): Float32Array {
    return this.model.scoreAll(user, this.scores);
  }

  /** Scores of some items for a user, in the same unit. Shape (items.length). */
  scoreItems(user: number, items: Int32Array): Float32Array {
    return this.model.scorePairs(new Int32Array(items.length).fill(user), items);
  }

  /**
   * The same as `score` for somebody out of what they have done up to now (fold-in).
   *
   * @param at Moment asked about, milliseconds since the epoch.
   */
  scoreHistory(history: UserHistory, at: number): Float32Array {
    return this.model.scoreHistory(history, this.scores, at);
  }

  /**
   * The logarithm of a score as a share in (0, 1]: of the probability where the model states one, else of the part
   * that the score is of the highest one. As a logarithm two items that are almost certain still differ; below the
   * least score it goes on as a straight line, so that negative scores keep their order.
   */
  logShare(score: number, highest: number): number {
    if (this.model.scale === 'log-odds') return -Math.log1p(Math.exp(-score));
    if (this.model.scale === 'log-share') return score - highest;
    const below = Math.min(0, score / LEAST_SCORE - 1);
    return Math.log(Math.max(score, LEAST_SCORE) / Math.max(highest, LEAST_SCORE)) + below;
  }

  /** Items that the user had when the model was trained. */
  historyOf(user: number): Int32Array {
    const { offsets, items } = this.artifact.history;
    return items.subarray(offsets[user], offsets[user + 1]);
  }

  /** Finds the items in a catalogue, without stopping the event loop. */
  async align(catalog: CatalogIndex): Promise<void> {
    await this.alignment.prepare(catalog);
  }

  /** Index in the catalogue of every item, −1 for one that was never in it. Shape (items); not to be changed. */
  productsIn(catalog: CatalogIndex): Int32Array {
    return this.alignment.slotsIn(catalog);
  }

  /** The best products that are not forbidden, worked out on this thread. */
  candidates(catalog: CatalogIndex, query: CandidateQuery): Candidates {
    const products = this.productsIn(catalog);
    const { indices, scores } = this.searched(query, products) ?? this.ranked(query, products);
    return { products: indices.map((item) => products[item]!), scores };
  }

  private ranked({ user, history, at, forbidden, count }: CandidateQuery, products: Int32Array): TopK {
    const scores = history
      ? this.model.scoreHistory(history, this.scores, at)
      : this.model.scoreAll(user, this.scores, at);
    return topK(scores, count, forbidden, products);
  }

  /** @returns undefined where there is no index, or none that can search for a history. */
  private searched(
    { user, history, forbidden, count }: CandidateQuery,
    products: Int32Array,
  ): TopK | undefined {
    if (!this.retriever || (history && !this.retriever.takesHistories)) return undefined;
    return this.placed(this.retriever, products).search({ user, history, count, mask: forbidden });
  }

  private placed(retriever: ModelRetriever, products: Int32Array): ModelRetriever {
    if (this.placedRevision !== this.alignment.revision) {
      retriever.setPlaces(products);
      this.placedRevision = this.alignment.revision;
    }
    return retriever;
  }
}
