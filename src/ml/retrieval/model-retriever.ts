import { MlError } from '../core/errors.js';
import { yieldToEventLoop } from '../core/event-loop.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import { topK, type TopK } from '../math/top-k.js';
import {
  isFactorModel,
  type FactorModel,
  type RecommenderModel,
  type UserHistory,
} from '../recommenders/recommender-model.js';
import { fitDotProductProxy, proxyVector, type DotProductProxy } from './dot-product-proxy.js';
import { buildRetrievalBook } from './build-retrieval-book.js';
import type { RetrievalBook } from './retrieval-book.js';
import { MOST_ITEMS, RetrievalIndex } from './retrieval-index.js';

/** What it takes to search a model: plain arrays, so that one thread can make it for others. */
export interface RetrievalPlan {
  readonly book: RetrievalBook;
  /** Absent for a model whose score is a dot product. */
  readonly proxy: DotProductProxy | undefined;
}

/** What it takes, and what part of the exact lists of 100 it finds, measured on users that it was not made of. */
export interface MeasuredPlan extends RetrievalPlan {
  readonly recall: number;
}

/** Too much of the exact lists is not found: the scores of the model are not near enough to products of vectors. */
export class RecallTooLowError extends MlError {
  readonly code = 'recall-too-low';

  constructor(recall: number) {
    super(`Expected to find ${LEAST_RECALL} of the exact lists, received ${recall.toFixed(3)}.`);
  }
}

interface PlanOptions {
  readonly kernels: KernelRuntime;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** What is asked of a retriever. */
export interface RetrieverQuery {
  /** Index in 0 … userCount − 1; of no matter where a history is given. */
  readonly user: number;
  /** What somebody took, where `takesHistories`. */
  readonly history?: UserHistory | undefined;
  /** How many items, 1 – 2,000. */
  readonly count: number;
  /** By place of an item: entries other than 0 are left out. */
  readonly mask: Uint8Array;
}

/** Up to so many items a model scores them all within some milliseconds, and exactly. */
export const MOST_ITEMS_SCORED_EXACTLY = 20_000;
/** Candidates by proxy, which the model itself puts in order. */
const REORDERED = 600;
/** Users that tell how far a search has to look. */
const SAMPLED_USERS = 64;
const MEASURED_USERS = 50;
const MEASURED_ITEMS = 100;
const LEAST_RECALL = 0.95;

/**
 * Makes what it takes to search a model, and measures it; takes seconds to a minute, best on a thread of its own.
 *
 * @throws RecallTooLowError when less than 0.95 of the exact lists of 100 is found; InvalidDataError when a vector is
 * not finite; the signal's reason when it is aborted.
 */
export async function planRetrieval(model: RecommenderModel, options: PlanOptions): Promise<MeasuredPlan> {
  const plan = isFactorModel(model) ? await planFactors(model, options) : await planProxy(model, options);
  const recall = await measureRecall(model, plan, options);
  if (recall < LEAST_RECALL) throw new RecallTooLowError(recall);
  return { ...plan, recall };
}

async function planFactors(model: FactorModel, options: PlanOptions): Promise<RetrievalPlan> {
  const queries = sampleUsers(model);
  return { book: await buildRetrievalBook(model, { ...options, queries }), proxy: undefined };
}

async function planProxy(model: RecommenderModel, options: PlanOptions): Promise<RetrievalPlan> {
  const proxy = await fitDotProductProxy(model);
  // few of its dimensions matter, and cells would separate little
  const book = await buildRetrievalBook(proxy, { ...options, cellCount: 1, queries: new Float32Array() });
  return { book, proxy };
}

/** Mean part of the exact list of 100 that is found, over users between those that plans are made of. */
async function measureRecall(
  model: RecommenderModel,
  plan: RetrievalPlan,
  { kernels }: PlanOptions,
): Promise<number> {
  const { itemCount, userCount } = model;
  const retriever = await ModelRetriever.open(kernels, model, plan, itemCount);
  retriever.setPlaces(Int32Array.from({ length: itemCount }, (_, item) => item));
  const mask = new Uint8Array(itemCount);
  const scores = new Float32Array(itemCount);
  const users = Math.min(MEASURED_USERS, userCount);
  let found = 0;
  for (let i = 0; i < users; i += 1) {
    const user = Math.floor(((i + 0.5) * userCount) / users);
    const exact = topK(model.scoreAll(user, scores), MEASURED_ITEMS);
    // of equal scores any is as good as another
    const last = exact.scores.at(-1) ?? 0;
    const { indices } = retriever.search({ user, count: MEASURED_ITEMS, mask });
    found += indices.filter((item) => scores[item]! >= last).length / Math.max(1, exact.indices.length);
    await yieldToEventLoop();
  }
  return users === 0 ? 1 : found / users;
}

function sampleUsers(model: FactorModel): Float32Array {
  const count = Math.min(SAMPLED_USERS, model.userCount);
  const queries = new Float32Array(count * model.width);
  for (let i = 0; i < count; i += 1) {
    queries.set(model.userFactors(Math.floor((i * model.userCount) / count)), i * model.width);
  }
  return queries;
}

/** Finds the best items of a large catalogue for the users of a model without scoring them all. */
export class ModelRetriever {
  private constructor(
    private readonly model: RecommenderModel,
    private readonly index: RetrievalIndex,
    private readonly proxy: DotProductProxy | undefined,
  ) {}

  /** @param maskLength Bytes of the longest mask. */
  static async open(
    kernels: KernelRuntime,
    model: RecommenderModel,
    { book, proxy }: RetrievalPlan,
    maskLength: number,
  ): Promise<ModelRetriever> {
    const vectors = isFactorModel(model) ? model : proxy;
    if (!vectors) throw new Error('A model that is no dot product needs a proxy.');
    return new ModelRetriever(model, await RetrievalIndex.open(kernels, vectors, book, maskLength), proxy);
  }

  /** See `RetrievalIndex.setPlaces`. */
  setPlaces(places: Int32Array): void {
    this.index.setPlaces(places);
  }

  /** Whether it can search for a history: a model that is no dot product scores pairs of known users only. */
  get takesHistories(): boolean {
    return this.proxy === undefined;
  }

  /** The best items that the mask leaves in, best first, with the scores of the model. */
  search({ user, history, count, mask }: RetrieverQuery): TopK {
    const { model, proxy } = this;
    if (isFactorModel(model)) {
      const vector = history ? model.historyFactors(history) : model.userFactors(user);
      return this.index.search({ vector, count, mask });
    }
    if (!proxy) throw new Error('A model that is no dot product needs a proxy.');
    const scoresOf = (items: Int32Array): Float32Array =>
      model.scorePairs(new Int32Array(items.length).fill(user), items);
    const vector = proxyVector(proxy, scoresOf(proxy.anchors));
    const reordered = Math.min(MOST_ITEMS, Math.max(REORDERED, count));
    const items = this.index.search({ vector, count: reordered, mask }).indices.sort();
    const { indices, scores } = topK(scoresOf(items), count);
    return { indices: indices.map((index) => items[index]!), scores };
  }
}
