// entry of a thread that builds one retrieval plan and ends
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

import type { ScoringModel } from '../../ports/scoring-pool.js';
import { WasmKernelRuntime } from '../wasm/wasm-kernel-runtime.js';
import { InProcessRetrievalBuilder } from './in-process-retrieval-builder.js';

/** Of this thread only, where the system can do that: requests must not feel it. */
const NICE = 15;

if (process.platform === 'linux') setPriority(NICE);
// `workerData` is untyped; worker-retrieval-builder.ts is the only one who starts this file
const model = workerData as ScoringModel;
const builder = new InProcessRetrievalBuilder(new WasmKernelRuntime());
parentPort?.postMessage(await builder.build(model, new AbortController().signal), []);
