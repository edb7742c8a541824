import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { SAMPLER_FIELDS } from '../../ml/kernels/kernel-plan.js';
import { NeuMF } from '../../ml/recommenders/neumf.js';
import { WasmKernelRuntime } from './wasm-kernel-runtime.js';

const kernels = new WasmKernelRuntime();
const small = { epochs: 2, batchSize: 64, factors: 4, layers: [16, 8] };

describe('WasmKernelRuntime', () => {
  it('gives memory of whole pages, zeroed', () => {
    const { buffer } = kernels.createMemory(200_000);
    expect(buffer.byteLength).toBe(4 * 65_536);
    expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
    expect(() => kernels.createMemory(2 ** 32 + 1)).toThrow(/at most 4 GiB/);
  });

  it('refuses unknown functions and memories of others', () => {
    const kernel = kernels.instantiate('neumf', kernels.createMemory(0));
    expect(() => kernel.call('absent')).toThrow('Kernel neumf has no function absent.');
    expect(() => kernels.instantiate('neumf', { buffer: new SharedArrayBuffer(8) })).toThrow(TypeError);
  });

  it('runs calls on threads over the same memory', async () => {
    const { buffer } = kernels.createMemory(0);
    const threads = await kernels.startThreads('neumf', { buffer }, 2);
    try {
      expect(threads.count).toBe(2);
      await expect(threads.call(2, 'shuffle')).rejects.toThrow(/below 2/);
      // a plan of zeros at 65,536 except the address of its permutation
      const plan = new Int32Array(buffer, 65_536, 80);
      const permutation = 66_560;
      // fields begin after 16 bytes
      plan[4 + SAMPLER_FIELDS.indexOf('permutation')] = permutation;
      await threads.call(1, 'shuffle', 65_536, 0, 50);
      const order = [...new Int32Array(buffer, permutation, 50)];
      expect(order).not.toEqual(Array.from({ length: 50 }, (_, i) => i));
      expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    } finally {
      await threads.close();
    }
  });

  it('rejects the call of a thread that fails or is closed', async () => {
    const threads = await kernels.startThreads('neumf', kernels.createMemory(0), 2);
    await expect(threads.call(0, 'absent')).rejects.toThrow(/no function absent/);
    // an endless shuffle: only closing ends it
    const endless = threads.call(1, 'shuffle', 65_536, 0, 2 ** 31 - 1);
    await Promise.all([
      expect(endless).rejects.toThrow(/ended with code 1 during shuffle|out of bounds/),
      threads.close(),
    ]);
  });

  it('trains on two threads to about the same loss, and stops them when aborted', async () => {
    const rows = tasteInteractions({ userCount: 400, rowsPerUser: 20 });
    const losses: number[] = [];
    for (const threads of [1, 2]) {
      await new NeuMF({ ...small, epochs: 6 }).fit(rows, {
        kernels,
        seed: 7,
        threads,
        onProgress: ({ epoch, loss }) => {
          if (epoch === 6) losses.push(loss);
        },
      });
    }
    expect(Math.abs(losses[1]! - losses[0]!)).toBeLessThan(0.03);

    const abort = new AbortController();
    const fitting = new NeuMF({ ...small, epochs: 500 }).fit(rows, {
      kernels,
      seed: 7,
      threads: 2,
      signal: abort.signal,
      onProgress: () => abort.abort('cancel'),
    });
    await expect(fitting).rejects.toBe('cancel');
  });

  it('frees the memory of a dropped model', async () => {
    setFlagsFromString('--expose-gc');
    // the new context's global is the only way to the collector without a flag on the command line
    const collect = runInNewContext('gc') as () => void;
    const freed: number[] = [];
    const registry = new FinalizationRegistry((run: number) => {
      freed.push(run);
    });
    const fit = async (run: number): Promise<void> => {
      registry.register(await new NeuMF(small).fit(tasteInteractions(), { kernels, seed: 7 }), run);
      registry.register(kernels.createMemory(0).buffer, run);
    };
    for (let i = 0; i < 5; i += 1) await fit(i);
    for (let turn = 0; turn < 20 && freed.length < 8; turn += 1) {
      collect();
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    // a frame may still hold the last ones
    expect(freed.length).toBeGreaterThanOrEqual(8);
  });
});
