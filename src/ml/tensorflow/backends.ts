import { backend, enableProdMode, ready, setBackend } from '@tensorflow/tfjs-core';

import type { StartNeuMFTraining } from '../kernels/neumf-trainer.js';
import { TENSORFLOW_BACKENDS, type SkippedBackend, type TensorFlowBackendName } from './backend-names.js';
import { NeuMFTensorTrainer } from './neumf-tensor-trainer.js';

/** TensorFlow.js, ready on one package. */
export interface TensorFlowBackend {
  readonly name: TensorFlowBackendName;
  readonly usesGpu: boolean;
  readonly startNeuMFTraining: StartNeuMFTraining;
}

interface Candidate {
  /** What the package calls itself once it is imported. */
  readonly backend: string;
  /** Samples worked on at once: what is fast, and ends soon enough to see an abort. */
  readonly sliceLength: number;
}

const CANDIDATES: Readonly<Record<TensorFlowBackendName, Candidate>> = {
  'tfjs-node-gpu': { backend: 'tensorflow', sliceLength: 65_536 },
  'tfjs-node': { backend: 'tensorflow', sliceLength: 16_384 },
  'tfjs-backend-wasm': { backend: 'wasm', sliceLength: 4096 },
  'tfjs-backend-cpu': { backend: 'cpu', sliceLength: 1024 },
};

/**
 * Starts TensorFlow.js on the first package that loads. A process uses one for good.
 *
 * tfjs-node and tfjs-node-gpu are not dependencies: they download libtensorflow while they are installed, which many
 * machines may not. Whoever wants them runs `npm install --no-save @tensorflow/tfjs-node-gpu`.
 *
 * @param names Which to try, in this order.
 * @throws Error naming every package and what was wrong with it, when none loads.
 */
export async function loadTensorFlow(
  names: readonly TensorFlowBackendName[] = TENSORFLOW_BACKENDS,
): Promise<{ readonly backend: TensorFlowBackend; readonly skipped: readonly SkippedBackend[] }> {
  enableProdMode(); // or it advertises its other backends on stderr
  const skipped: SkippedBackend[] = [];
  for (const name of names) {
    const reason = await tryToLoad(name);
    if (reason !== undefined) {
      skipped.push({ name, reason });
      continue;
    }
    const { sliceLength } = CANDIDATES[name];
    return {
      backend: {
        name,
        usesGpu: isUsingGpu(),
        startNeuMFTraining: async (kernels, options) => new NeuMFTensorTrainer(kernels, options, sliceLength),
      },
      skipped,
    };
  }
  throw new Error(
    `No TensorFlow.js backend loads: ${skipped.map(({ name, reason }) => `${name} ${reason}`).join('; ')}.`,
  );
}

/** @returns What is wrong; undefined when TensorFlow.js runs on it now. */
async function tryToLoad(name: TensorFlowBackendName): Promise<string | undefined> {
  // a variable, because the compiler cannot resolve what may be absent
  const specifier: string = `@tensorflow/${name}`;
  try {
    await import(specifier);
    if (!(await setBackend(CANDIDATES[name].backend))) return 'did not initialize';
    await ready();
    return undefined;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && ABSENT.has(String(error.code));
    if (isAbsent && String(error).includes(specifier)) return 'is not installed';
    return `does not load: ${error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)}`;
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** The native backends say so; the others have no such member. */
function isUsingGpu(): boolean {
  const running: object = backend();
  return 'isUsingGpuDevice' in running && running.isUsingGpuDevice === true;
}
