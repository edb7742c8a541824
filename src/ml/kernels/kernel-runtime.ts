/** Linear memory that kernels and host share. Never grows, so views of `buffer` stay valid. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer;
}

/** A kernel on the calling thread. */
export interface Kernel {
  /**
   * Runs an exported function to its end.
   *
   * @returns Its result, 0 when it has none.
   */
  call(name: string, ...values: readonly number[]): number;
}

/** The same kernel on several other threads, over one memory. */
export interface KernelThreads {
  readonly count: number;
  /** Runs an exported function on one thread; one call a thread at a time. Rejects when the thread dies. */
  call(thread: number, name: string, ...values: readonly number[]): Promise<number>;
  /** Ends the threads; calls under way reject. */
  close(): Promise<void>;
}

/** Runs the WebAssembly kernels. Set in `src/platform/wasm`, because files and threads are none of this folder's business. */
export interface KernelRuntime {
  /** Memory of at least `byteLength` zero bytes, collected like any object once nobody refers to it. */
  createMemory(byteLength: number): KernelMemory;
  instantiate(kernel: string, memory: KernelMemory): Kernel;
  startThreads(kernel: string, memory: KernelMemory, count: number): Promise<KernelThreads>;
}
