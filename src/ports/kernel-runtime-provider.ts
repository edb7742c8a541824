import type { KernelRuntime } from '../ml/kernels/kernel-runtime.js';

/** Gives the WebAssembly kernels to whoever loads models. */
export abstract class KernelRuntimeProvider {
  abstract readonly runtime: KernelRuntime;
}
