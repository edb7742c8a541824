import { describe, expect, it } from '@jest/globals';

import { IncompatibleStateError, MlError } from '../../src/ml/core/errors.js';
import type { FitContext, Learner, Model, ModelContext, ModelState } from '../../src/ml/core/learner.js';

interface Fixture<TQuery, TPrediction, TData> {
  readonly create: () => Learner<TData, Model<TQuery, TPrediction, TData>>;
  readonly context: ModelContext;
  readonly data: TData;
  readonly query: TQuery;
  /** Data that no fit may accept, each with what its error must say. */
  readonly badData: readonly { readonly data: TData; readonly message: RegExp }[];
}

/** What every learner owes its callers, whatever it learns. Call it in the learner's own spec. */
export function describeLearner<TQuery, TPrediction, TData>(
  fixture: Fixture<TQuery, TPrediction, TData>,
): void {
  const { create, data, query, context } = fixture;
  const fit = async (learner = create(), more: Partial<FitContext> = {}) =>
    learner.fit(data, { ...context, seed: 7, threads: 1, ...more });

  describe('learner contract', () => {
    it('learns the same model twice from the same seed', async () => {
      expect((await fit()).save()).toEqual((await fit()).save());
    });

    it('forgets previous fits', async () => {
      const learner = create();
      await fit(learner, { seed: 8 });
      expect((await fit(learner)).save()).toEqual((await fit()).save());
    });

    it('leaves data, query and model unchanged', async () => {
      const before = structuredClone({ data, query });
      const model = await fit();
      const saved = structuredClone(model.save());
      model.predict(query);
      model.evaluate(data);
      expect({ data, query }).toEqual(before);
      expect(model.save()).toEqual(saved);
    });

    it('predicts the same after a round trip through JSON and raw buffers', async () => {
      const model = await fit();
      const restored = create().load(throughBytes(model.save()), context);
      expect(restored.save()).toEqual(model.save());
      expect(restored.predict(query)).toEqual(model.predict(query));
      expect(restored.evaluate(data)).toEqual(model.evaluate(data));
    });

    it('does not share its weights with what it saved or loaded', async () => {
      const state = throughBytes((await fit()).save());
      const restored = create().load(state, context);
      const predicted = restored.predict(query);
      for (const tensor of [...Object.values(state.tensors), ...Object.values(restored.save().tensors)]) {
        tensor.fill(0);
      }
      expect(restored.predict(query)).toEqual(predicted);
    });

    it('refuses the state of another learner', () => {
      const foreign: ModelState = { kind: 'something-else/1', fitted: {}, tensors: {} };
      expect(() => create().load(foreign, context)).toThrow(IncompatibleStateError);
    });

    it('refuses a state without its numbers', async () => {
      const state = (await fit()).save();
      expect(() => create().load({ ...state, fitted: {} }, context)).toThrow(IncompatibleStateError);
      expect(() => create().load({ ...state, tensors: {} }, context)).toThrow(IncompatibleStateError);
    });

    it('reports finite metrics only', async () => {
      const values = Object.values((await fit()).evaluate(data));
      expect(values.length).toBeGreaterThan(0);
      expect(values.every(Number.isFinite)).toBe(true);
    });

    it('stops when aborted before or during the fit', async () => {
      await expect(fit(create(), { signal: AbortSignal.abort('shutdown') })).rejects.toBe('shutdown');
      const abort = new AbortController();
      const fitting = fit(create(), { signal: abort.signal });
      setImmediate(() => abort.abort('cancel'));
      await expect(fitting).rejects.toBe('cancel');
    });

    it.each(fixture.badData)('refuses data: $message', async ({ data: bad, message }) => {
      const fitting = create().fit(bad, { ...context, seed: 7 });
      await expect(fitting).rejects.toThrow(MlError);
      await expect(fitting).rejects.toThrow(message);
    });
  });
}

/** What a store does: JSON for the numbers, raw little-endian buffers for the tensors. */
function throughBytes(state: ModelState): ModelState {
  const { tensors, ...json } = state;
  const copies = Object.entries(tensors).map(([name, tensor]) => {
    const bytes = Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength);
    const copy = new Uint8Array(bytes).buffer;
    return [name, new Float32Array(copy)] as const;
  });
  // the round trip keeps the shape of what went in
  const { kind, fitted } = JSON.parse(JSON.stringify(json)) as Pick<ModelState, 'kind' | 'fitted'>;
  return { kind, fitted, tensors: Object.fromEntries(copies) };
}
