import { createRequire } from 'node:module';

import { TENSORFLOW_BACKENDS } from '../../ml/tensorflow/backend-names.js';

const { resolve } = createRequire(import.meta.url);

/** In words, which engines are installed here and which is the default. Only looks; nothing is loaded. */
export function describeEngines(gpuEnabled: boolean): string {
  const installed = TENSORFLOW_BACKENDS.find(isInstalled);
  const missing = TENSORFLOW_BACKENDS.slice(0, installed && TENSORFLOW_BACKENDS.indexOf(installed))
    .map((name) => `${name} is not installed`)
    .join(', ');
  const kernels = 'wasm-kernels';
  const tensorflow = installed ? `tensorflow on ${installed}` : 'no tensorflow';
  const why = missing === '' ? '' : ` (${missing})`;
  return gpuEnabled
    ? `${tensorflow}${why} because ML_GPU_ENABLED is set; ${kernels} on request`
    : `${kernels}; ${tensorflow}${why} on request`;
}

function isInstalled(name: string): boolean {
  try {
    resolve(`@tensorflow/${name}`);
    return true;
  } catch {
    return false;
  }
}
