// entry of a kernel thread: instantiates a kernel over the memory of its parent and answers calls
import { parentPort, workerData } from 'node:worker_threads';

import { instantiateKernel } from './kernel-instance.js';

/** What a kernel thread is started with. */
export interface KernelThreadData {
  readonly name: string;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** One call, and the only messages a kernel thread receives. Answered with the result. */
export interface KernelThreadCall {
  readonly name: string;
  readonly values: readonly number[];
}

// `workerData` is untyped; wasm-kernel-runtime.ts is the only one who starts this file
const { name, module, memory } = workerData as KernelThreadData;
const kernel = instantiateKernel(name, module, memory);

parentPort?.on('message', (call: KernelThreadCall) => {
  parentPort?.postMessage(kernel.call(call.name, ...call.values), []);
});
