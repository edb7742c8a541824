import { beforeAll, describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { NeuMF } from '../../ml/recommenders/neumf.js';
import type { RetrievalBuilder } from '../../ports/retrieval-builder.js';
import { shareTensors, type ScoringModel } from '../../ports/scoring-pool.js';
import { WasmKernelRuntime } from '../wasm/wasm-kernel-runtime.js';
import { InProcessRetrievalBuilder } from './in-process-retrieval-builder.js';
import { WorkerRetrievalBuilder } from './worker-retrieval-builder.js';

const kernels = new WasmKernelRuntime();

describe('RetrievalBuilder', () => {
  const builders: readonly RetrievalBuilder[] = [
    new InProcessRetrievalBuilder(kernels),
    new WorkerRetrievalBuilder(),
  ];
  let model: ScoringModel;

  beforeAll(async () => {
    const network = await new NeuMF({ epochs: 1, factors: 4, layers: [16, 8] }).fit(
      tasteInteractions({ itemCount: 500 }),
      { kernels, seed: 1 },
    );
    model = { id: 'n', type: 'NEURAL_COLLABORATIVE_FILTERING', state: shareTensors(network.save()) };
  });

  it('builds the same plan here and on a thread', async () => {
    const [here, there] = await Promise.all(
      builders.map(async (builder) => builder.build(model, new AbortController().signal)),
    );
    expect(here!.book.items.length).toBe(500);
    expect(there).toEqual(here);
  });

  it('rejects with the reason of the signal, before and while it builds', async () => {
    for (const builder of builders) {
      await expect(builder.build(model, AbortSignal.abort('closed'))).rejects.toBe('closed');
    }
    const abort = new AbortController();
    const building = builders[1]!.build(model, abort.signal);
    abort.abort('closed');
    await expect(building).rejects.toBe('closed');
  });

  it('rejects a model that cannot be loaded', async () => {
    for (const builder of builders) {
      const unknown = { ...model, type: 'HOROSCOPE' };
      await expect(builder.build(unknown, new AbortController().signal)).rejects.toThrow(/HOROSCOPE/);
    }
  });
});
