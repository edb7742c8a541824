import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { Refresher } from './refresher.js';

/** A refresh that ends when told to. */
function controlled(pauseMs: number) {
  const ends: ((error?: Error) => void)[] = [];
  const errors: string[] = [];
  const refresh = async (): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve()));
    });
  const refresher = new Refresher(pauseMs, refresh, ({ message }) => errors.push(message));
  return { refresher, ends, errors };
}

describe('Refresher', () => {
  it('runs at once when it is quiet', () => {
    const { refresher, ends } = controlled(1000);
    refresher.request();
    expect(ends).toHaveLength(1);
  });

  it('makes one more run of all requests during a run', async () => {
    const { refresher, ends } = controlled(1);
    refresher.request();
    for (let count = 0; count < 5; count += 1) refresher.request();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await sleep(20);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await sleep(20);
    expect(ends).toHaveLength(2);
  });

  it('goes on after a run that failed', async () => {
    const { refresher, ends, errors } = controlled(1);
    refresher.request();
    ends[0]?.(new Error('no database'));
    await sleep(20);
    refresher.request();
    expect(errors).toEqual(['no database']);
    expect(ends).toHaveLength(2);
  });

  it('waits for a run when it is closed, and starts none afterwards', async () => {
    const { refresher, ends } = controlled(1);
    refresher.request();
    refresher.request();
    let isClosed = false;
    const close = async (): Promise<void> => {
      await refresher.close();
      isClosed = true;
    };
    const closing = close();
    await sleep(10);
    expect(isClosed).toBe(false);
    ends[0]?.();
    await closing;
    await sleep(20);
    refresher.request();
    expect(ends).toHaveLength(1);
  });
});
