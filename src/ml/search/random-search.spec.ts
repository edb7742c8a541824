import { describe, expect, it } from '@jest/globals';

import { InvalidDataError } from '../core/errors.js';
import { isHopeless } from './median-stopping.js';
import { planTrials, searchRandomly, type RunTrial, type SearchOptions } from './random-search.js';
import { bestEpochOf, type Trial } from './trial.js';

const plan = {
  base: { rate: 0.5, factors: 8 },
  space: { rate: { min: 0, max: 1 } },
  trials: 12,
  seed: 3,
};

/** A clock that only trials move, and a record of what was told. */
function bench(): { options: SearchOptions; told: (readonly Trial[])[]; pass: (ms: number) => void } {
  let now = 0;
  const told: (readonly Trial[])[] = [];
  const options = {
    clock: () => now,
    signal: undefined,
    onTrials: (trials: readonly Trial[]) => told.push(trials),
  };
  return { options, told, pass: (ms) => (now += ms) };
}

/** A learner whose quality is highest at a rate of 0.7 and comes epoch by epoch. */
const climbing =
  (pass: (ms: number) => void = () => undefined, epochs = 5): RunTrial =>
  async ({ rate }, { signal, onEpoch }) => {
    const quality = 1 - Math.abs(Number(rate) - 0.7);
    for (let epoch = 1; epoch <= epochs; epoch += 1) {
      signal.throwIfAborted();
      pass(1000);
      const ndcg10 = (quality * epoch) / epochs;
      onEpoch({ epoch, metrics: { ndcg10, hr10: ndcg10 } });
    }
    signal.throwIfAborted();
    return { ndcg10: quality, hr10: quality, users: 10 };
  };
const chosenOf = (trials: readonly Trial[]): Trial | undefined => trials.find(({ isChosen }) => isChosen);

describe('planTrials', () => {
  it('begins with the base, repeats itself and nothing else', () => {
    const planned = planTrials(plan);
    expect(planned[0]).toEqual(plan.base);
    expect(planTrials(plan)).toEqual(planned);
    expect(new Set(planned.map((each) => JSON.stringify(each))).size).toBe(12);
    expect(planTrials({ ...plan, seed: 4 })[1]).not.toEqual(planned[1]);
    expect(planned.every(({ factors }) => factors === 8)).toBe(true);
  });

  it('ends with the space', () => {
    const space = { rate: [0.1, 0.5, 0.9] };
    const rates = planTrials({ ...plan, space }).map(({ rate }) => rate);
    expect(rates).toHaveLength(3);
    expect(new Set(rates)).toEqual(new Set([0.1, 0.5, 0.9]));
  });
});

describe('searchRandomly', () => {
  it('chooses the best of what it tried', async () => {
    const { options, told } = bench();
    const trials = await searchRandomly(planTrials(plan), climbing(), options);
    const best = Math.max(...trials.map(({ ndcg10 }) => ndcg10 ?? 0));
    expect(trials).toHaveLength(12);
    expect(chosenOf(trials)).toMatchObject({ state: 'completed', ndcg10: best });
    expect(trials.filter(({ isChosen }) => isChosen)).toHaveLength(1);
    expect(told.at(-1)).toEqual(trials);
    expect(told[0]).toMatchObject([{ number: 1, state: 'running' }]);
  });

  it('gives up what falls behind the median, and never the first ones', async () => {
    const { options } = bench();
    const trials = await searchRandomly(planTrials(plan), climbing(), options);
    const stopped = trials.filter(({ state }) => state === 'stopped');
    expect(stopped.length).toBeGreaterThan(1);
    expect(stopped.every(({ epochs, number }) => epochs === 3 && number > 4)).toBe(true);
    // of the last epoch it had: 3 of 5
    for (const { ndcg10, hyperparameters } of stopped) {
      expect(ndcg10).toBeCloseTo(0.6 * (1 - Math.abs(Number(hyperparameters['rate']) - 0.7)), 10);
    }
  });

  it('comes to the same whether or not it was interrupted', async () => {
    const { told, options } = bench();
    const whole = await searchRandomly(planTrials(plan), climbing(), options);
    const finished = told.find((trials) => trials.length === 6 && trials[5]?.state !== 'running') ?? [];
    expect(finished).toHaveLength(6);
    const resumed = await searchRandomly(planTrials(plan), climbing(), { ...bench().options, finished });
    expect(resumed).toEqual(whole);
  });

  it('keeps to its seconds, but lets the first trial end', async () => {
    const { options, pass } = bench();
    // 5 s a trial: one whole, one whole, the third is cut after its second epoch
    const trials = await searchRandomly(planTrials(plan), climbing(pass), { ...options, budgetSeconds: 12 });
    expect(trials.map(({ state, seconds }) => [state, seconds])).toEqual([
      ['completed', 5],
      ['completed', 5],
      ['stopped', 2],
    ]);
    const short = bench();
    const one = await searchRandomly(planTrials(plan), climbing(short.pass), {
      ...short.options,
      budgetSeconds: 1,
    });
    expect(one).toMatchObject([{ state: 'completed', seconds: 5, isChosen: true }]);
  });

  it('goes on after a configuration that cannot be fitted, and fails when none can', async () => {
    const failing: RunTrial = async (hyperparameters, run) => {
      if (Number(hyperparameters['rate']) > 0.4) throw new InvalidDataError('too fast');
      return climbing()(hyperparameters, run);
    };
    const trials = await searchRandomly(planTrials(plan), failing, bench().options);
    expect(trials[0]).toMatchObject({ state: 'failed', error: 'too fast' });
    expect(chosenOf(trials)?.state).toBe('completed');
    const never: RunTrial = async () => Promise.reject(new InvalidDataError('never'));
    await expect(searchRandomly(planTrials(plan), never, bench().options)).rejects.toThrow('never');
  });

  it('lets faults and aborts through', async () => {
    const broken: RunTrial = async () => Promise.reject(new TypeError('a bug'));
    await expect(searchRandomly(planTrials(plan), broken, bench().options)).rejects.toThrow('a bug');
    const abort = new AbortController();
    const { options } = bench();
    const searching = searchRandomly(
      planTrials(plan),
      climbing(() => abort.abort('cancel')),
      {
        ...options,
        signal: abort.signal,
      },
    );
    await expect(searching).rejects.toBe('cancel');
  });
});

describe('isHopeless', () => {
  const others = [[0.1, 0.2, 0.3], [0.4], [0.2, 0.5, 0.4], [0.3, 0.3, 0.3, 0.9]];

  it('compares with the median of the bests by that epoch', () => {
    // by epoch 3: 0.3, 0.4, 0.5, 0.3; median 0.35
    expect(isHopeless([0.1, 0.34, 0.2], others)).toBe(true);
    expect(isHopeless([0.1, 0.35, 0.2], others)).toBe(false);
  });

  it('waits for three epochs and four others', () => {
    expect(isHopeless([0, 0], others)).toBe(false);
    expect(isHopeless([0, 0, 0], others.slice(1))).toBe(false);
  });
});

describe('bestEpochOf', () => {
  it('is the first of the best', () => {
    expect(bestEpochOf({ curve: [0.1, 0.3, 0.3, 0.2] })).toBe(2);
    expect(bestEpochOf({ curve: [] })).toBeUndefined();
  });
});
