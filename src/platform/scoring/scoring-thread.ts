// entry of a scoring thread: keeps a few models and ranks with them
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';

import type { TopK } from '../../ml/math/top-k.js';
import type { ScoringTask } from '../../ports/scoring-pool.js';
import { WasmKernelRuntime } from '../wasm/wasm-kernel-runtime.js';
import { loadScorer } from './model-scorer.js';
import type { ScoringAnswer, ScoringOrder } from './scoring-message.js';

/** Of this thread only, where the system can do that: a batch waits for single requests, not they for it. */
const NICE = 10;

const kernels = new WasmKernelRuntime();
const scorers = new Map<string, (task: ScoringTask) => TopK>();

function answer({ id, modelId, model, tasks }: ScoringOrder): ScoringAnswer {
  try {
    if (model) scorers.set(modelId, loadScorer(model, kernels));
    const rank = scorers.get(modelId);
    if (!rank) throw new Error(`Model ${modelId} was not loaded.`);
    return { id, results: tasks.map(rank) };
  } catch (error) {
    scorers.delete(modelId);
    return { id, message: String(error) };
  }
}

if (process.platform === 'linux') setPriority(NICE);
parentPort?.on('message', (order: ScoringOrder) => parentPort?.postMessage(answer(order), []));
