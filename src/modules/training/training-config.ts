import { InvalidParameterError } from '../../ml/core/errors.js';
import { readSearchSpace } from '../../ml/core/search-space.js';
import { createLearner, type RecommenderLearner } from '../../ml/learners.js';
import { planTrials } from '../../ml/search/random-search.js';
import type { EngineChoice, SearchOrder } from '../../ports/trainer.js';
import type { AgriculturalContext, InteractionSource, TrainingConfig } from './training.types.js';

/** What a request may leave out. */
export interface RequestedConfig {
  readonly hyperparameters?: Readonly<Record<string, unknown>> | undefined;
  readonly agriculturalContext?: Partial<AgriculturalContext> | undefined;
  readonly sources?: readonly InteractionSource[] | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  readonly engine?: EngineChoice | undefined;
  readonly search?: RequestedSearch | undefined;
  readonly deployment?: TrainingConfig['deployment'] | undefined;
}

/** A search as it is asked for. */
export interface RequestedSearch {
  readonly trials?: number | undefined;
  readonly budgetSeconds?: number | undefined;
  /** By hyperparameter an array of values, or a range with min, max, scale and step. */
  readonly space?: Readonly<Record<string, unknown>> | undefined;
}

const DEFAULT_TRIALS = 20;
const DEFAULT_SOURCES: readonly InteractionSource[] = ['order', 'purchase', 'rating'];
const DEFAULT_SEED = 42;

/**
 * Fills in the defaults, so that the stored job says everything the run depends on.
 *
 * @throws InvalidParameterError when a hyperparameter is unknown or out of its range, or the engine is not for the type.
 */
export function completeConfig(
  modelType: string,
  requested: RequestedConfig,
  defaultThreads: number,
): TrainingConfig {
  const sources = requested.sources ?? DEFAULT_SOURCES;
  if (sources.length === 0)
    throw new InvalidParameterError('sources', 'at least one kind of interaction', '[]');
  const learner = createLearner(modelType, requested.hyperparameters);
  const seed = requested.seed ?? DEFAULT_SEED;
  return {
    hyperparameters: { ...learner.hyperparameters },
    agriculturalContext: {
      seasonalAware: requested.agriculturalContext?.seasonalAware ?? true,
      localityWeighting: requested.agriculturalContext?.localityWeighting ?? false,
      shelfLifeAware: requested.agriculturalContext?.shelfLifeAware ?? false,
    },
    sources,
    seed,
    threads: requested.threads ?? defaultThreads,
    engine: readEngine(modelType, requested.engine),
    ...(requested.search && { search: completeSearch(modelType, requested.search, { learner, seed }) }),
    deployment: requested.deployment ?? 'if-better',
  };
}

function readEngine(modelType: string, requested: EngineChoice = 'auto'): EngineChoice {
  if (requested === 'tensorflow' && modelType !== 'NEURAL_COLLABORATIVE_FILTERING') {
    throw new InvalidParameterError('engine', `auto or wasm-kernels: ${modelType} has no network`, requested);
  }
  return requested;
}

/** Completes the space, and has the learner check every configuration that it can give. */
function completeSearch(
  modelType: string,
  { trials = DEFAULT_TRIALS, budgetSeconds, space }: RequestedSearch,
  { learner, seed }: { readonly learner: RecommenderLearner; readonly seed: number },
): SearchOrder {
  const order = { trials, budgetSeconds, space: readSearchSpace(space, learner.searchSpace) };
  const base = { ...learner.hyperparameters };
  for (const [name, dimension] of Object.entries(order.space)) {
    const values = 'min' in dimension ? [dimension.min, dimension.max] : dimension;
    for (const value of values) createLearner(modelType, { ...base, [name]: value });
  }
  for (const planned of planTrials({ ...order, base, seed })) createLearner(modelType, planned);
  return order;
}
