import { readFileSync } from 'node:fs';

import type { Kernel } from '../../ml/kernels/kernel-runtime.js';

const modules = new Map<string, WebAssembly.Module>();

/** Compiles `src/ml/kernels/build/NAME.wasm`, once a process and thread. */
export function loadKernelModule(name: string): WebAssembly.Module {
  const known = modules.get(name);
  if (known) return known;
  const file = new URL(`../../ml/kernels/build/${name}.wasm`, import.meta.url);
  const module = new WebAssembly.Module(readFileSync(file));
  modules.set(name, module);
  return module;
}

/** Runs a compiled kernel over `memory` on the calling thread. */
export function instantiateKernel(
  name: string,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernel {
  const abort = (): never => {
    throw new Error(`Kernel ${name} aborted.`);
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return {
    call(functionName, ...values) {
      const run = exports[functionName];
      if (typeof run !== 'function') throw new Error(`Kernel ${name} has no function ${functionName}.`);
      const result: unknown = run(...values);
      return typeof result === 'number' ? result : 0;
    },
  };
}
