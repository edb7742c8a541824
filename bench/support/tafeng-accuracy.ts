import { WasmKernelRuntime } from '../../src/platform/wasm/wasm-kernel-runtime.js';
import { accuracyRow, type AccuracyRow, type FitOptions, type Part } from './accuracy-row.js';
import { findData } from './data.js';
import { readTaFeng, tafengRows, validationOf } from './tafeng.js';

const DATA = 'tafeng_nbr';

/** The next basket of Ta-Feng by the protocol of Li et al.: see `npm run bench -- next-basket`. */
export async function tafengAccuracy(part: Part, { seed }: FitOptions): Promise<AccuracyRow[]> {
  const folder = findData(DATA);
  if (folder === undefined) return [];
  const split = readTaFeng(folder);
  const rows = await tafengRows(part === 'test' ? split : validationOf(split), {
    seed,
    kernels: new WasmKernelRuntime(),
  });
  return rows.map(({ method, seconds, ...scores }) => accuracyRow(DATA, method, scores, seconds));
}
