import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { MeasuredPlan } from '../../ml/retrieval/model-retriever.js';
import { RetrievalBuilder } from '../../ports/retrieval-builder.js';
import type { ScoringModel } from '../../ports/scoring-pool.js';

/** Builds on a thread of its own, which ends with the plan or with the signal. */
export class WorkerRetrievalBuilder extends RetrievalBuilder {
  async build(model: ScoringModel, signal: AbortSignal): Promise<MeasuredPlan> {
    signal.throwIfAborted();
    const worker = new Worker(threadEntry(), { workerData: model });
    const end = (): void => void worker.terminate();
    signal.addEventListener('abort', end, { once: true });
    try {
      return await new Promise<MeasuredPlan>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) =>
          reject(new Error(`The thread that builds an index ended with code ${code}.`)),
        );
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

/** The compiled thread entry: beside this file in dist, or in dist when this file runs as TypeScript under Jest. */
function threadEntry(): URL {
  const beside = new URL('./retrieval-thread.js', import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL('../../../dist/src/platform/scoring/retrieval-thread.js', import.meta.url);
}
