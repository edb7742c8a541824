import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { Kernel, KernelMemory, KernelRuntime, KernelThreads } from '../../ml/kernels/kernel-runtime.js';
import { instantiateKernel, loadKernelModule } from './kernel-instance.js';
import type { KernelThreadCall, KernelThreadData } from './kernel-thread.js';

const PAGE_BYTES = 65_536;
/** Every kernel declares that it needs at least this much. */
const MIN_PAGES = 2;
const MAX_PAGES = 65_536;

/** Runs kernels with V8, and their threads as `worker_threads`. Files are read on first use. */
export class WasmKernelRuntime implements KernelRuntime {
  /** A memory is only known by its buffer to those who use it; held weakly, so that dropping the buffer frees it. */
  private readonly memories = new WeakMap<SharedArrayBuffer, WebAssembly.Memory>();

  /** @throws RangeError when `byteLength` is above 4 GiB, the address space of a kernel, or not available. */
  createMemory(byteLength: number): KernelMemory {
    const pages = Math.max(MIN_PAGES, Math.ceil(byteLength / PAGE_BYTES));
    if (pages > MAX_PAGES) {
      throw new RangeError(`A kernel can address at most 4 GiB, received a need of ${byteLength} bytes.`);
    }
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { buffer } = memory;
    this.memories.set(buffer, memory);
    return { buffer };
  }

  instantiate(kernel: string, memory: KernelMemory): Kernel {
    return instantiateKernel(kernel, loadKernelModule(kernel), this.memoryOf(memory));
  }

  async startThreads(kernel: string, memory: KernelMemory, count: number): Promise<KernelThreads> {
    const workerData: KernelThreadData = {
      name: kernel,
      module: loadKernelModule(kernel),
      memory: this.memoryOf(memory),
    };
    const workers = Array.from({ length: count }, () => new Worker(threadEntry(), { workerData }));
    await Promise.all(workers.map(async (worker) => once(worker, 'online')));
    return new WorkerThreads(workers);
  }

  private memoryOf({ buffer }: KernelMemory): WebAssembly.Memory {
    const memory = this.memories.get(buffer);
    if (!memory) throw new TypeError('Expected a memory created by this runtime.');
    return memory;
  }
}

class WorkerThreads implements KernelThreads {
  constructor(private readonly workers: readonly Worker[]) {}

  get count(): number {
    return this.workers.length;
  }

  async call(thread: number, name: string, ...values: readonly number[]): Promise<number> {
    const worker = this.workers[thread];
    if (!worker) throw new RangeError(`Expected a thread below ${this.count}, received ${thread}.`);
    return new Promise<number>((resolve, reject) => {
      const settle = (): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      const onMessage = (result: number): void => {
        settle();
        resolve(result);
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      const onExit = (code: number): void => {
        settle();
        reject(new Error(`Kernel thread ${thread} ended with code ${code} during ${name}.`));
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      const call: KernelThreadCall = { name, values };
      worker.postMessage(call, []);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.terminate()));
  }
}

/** The compiled thread entry: beside this file in dist, or in dist when this file runs as TypeScript under Jest. */
function threadEntry(): URL {
  const beside = new URL('./kernel-thread.js', import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL('../../../dist/src/platform/wasm/kernel-thread.js', import.meta.url);
}
