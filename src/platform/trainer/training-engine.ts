import util from 'node:util';

import type { StartNeuMFTraining } from '../../ml/kernels/neumf-trainer.js';
import type { TrainingEngine, TrainingTask } from '../../ports/trainer.js';

/** An engine, ready to train. */
export interface StartedEngine {
  readonly engine: TrainingEngine;
  /** Absent for the kernels, which learners take by themselves. */
  readonly startNeuMFTraining?: StartNeuMFTraining;
}

/**
 * Decides what a task trains on, and loads it: TensorFlow when the job asks for it, or for nothing while
 * `gpuEnabled`; else the kernels, without TensorFlow.js being loaded at all.
 *
 * @throws Error naming every package of TensorFlow.js and what is wrong with it, when it is asked for and none loads.
 */
export async function startEngine(
  { modelType, engine: choice }: Pick<TrainingTask, 'modelType' | 'engine'>,
  gpuEnabled: boolean,
): Promise<StartedEngine> {
  const kernels = (reason: string): StartedEngine => ({ engine: { name: 'wasm-kernels', reason } });
  if (modelType !== 'NEURAL_COLLABORATIVE_FILTERING') return kernels(`${modelType} has no network.`);
  if (choice === 'wasm-kernels') return kernels('The job asks for it.');
  if (choice === 'auto' && !gpuEnabled) {
    return kernels('ML_GPU_ENABLED is not set, and the job asks for no engine.');
  }

  mendNodeUtil();
  const { loadTensorFlow } = await import('../../ml/tensorflow/backends.js');
  const { backend, skipped } = await loadTensorFlow();
  const reason = choice === 'tensorflow' ? 'The job asks for it.' : 'ML_GPU_ENABLED is set.';
  return {
    engine: {
      name: 'tensorflow',
      backend: backend.name,
      reason: backend.usesGpu ? reason : `${reason} It uses no GPU here: the kernels would be faster.`,
      skipped,
    },
    startNeuMFTraining: backend.startNeuMFTraining,
  };
}

/** tfjs-node calls `util.isNullOrUndefined`, which Node 23 removed. */
function mendNodeUtil(): void {
  if ('isNullOrUndefined' in util) return;
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}
