import { InvalidParameterError } from '../../ml/core/errors.js';
import { createLearner } from '../../ml/learners.js';
import type { AgriculturalContext, InteractionSource, TrainingConfig } from './training.types.js';

/** What a request may leave out. */
export interface RequestedConfig {
  readonly hyperparameters?: Readonly<Record<string, unknown>> | undefined;
  readonly agriculturalContext?: Partial<AgriculturalContext> | undefined;
  readonly sources?: readonly InteractionSource[] | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  readonly deployment?: TrainingConfig['deployment'] | undefined;
}

const DEFAULT_SOURCES: readonly InteractionSource[] = ['order', 'purchase', 'rating'];
const DEFAULT_SEED = 42;

/**
 * Fills in the defaults, so that the stored job says everything the run depends on.
 *
 * @throws InvalidParameterError when a hyperparameter is unknown or out of its range.
 */
export function completeConfig(
  modelType: string,
  requested: RequestedConfig,
  defaultThreads: number,
): TrainingConfig {
  const sources = requested.sources ?? DEFAULT_SOURCES;
  if (sources.length === 0)
    throw new InvalidParameterError('sources', 'at least one kind of interaction', '[]');
  return {
    hyperparameters: { ...createLearner(modelType, requested.hyperparameters).hyperparameters },
    agriculturalContext: {
      seasonalAware: requested.agriculturalContext?.seasonalAware ?? true,
      localityWeighting: requested.agriculturalContext?.localityWeighting ?? false,
      shelfLifeAware: requested.agriculturalContext?.shelfLifeAware ?? false,
    },
    sources,
    seed: requested.seed ?? DEFAULT_SEED,
    threads: requested.threads ?? defaultThreads,
    deployment: requested.deployment ?? 'if-better',
  };
}
