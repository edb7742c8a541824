import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { SHUTDOWN, type TrainingQueue } from '../../src/ports/training-queue.js';
import { waitUntil } from '../support/small-marketplace.js';

/** What a spec gives for its backend. */
export interface QueueFixture {
  /** A replica of one queue: all replicas of a test hand out the same ids. */
  readonly replica: () => Promise<TrainingQueue>;
  /** Closes all replicas and forgets what was queued. */
  readonly close: () => Promise<void>;
}

/** The same checks over every backend of the training queue. */
export function describeTrainingQueue(name: string, open: () => Promise<QueueFixture>): void {
  describe(`the training queue on ${name}`, () => {
    let fixture: QueueFixture;
    let queue: TrainingQueue;

    beforeEach(async () => {
      fixture = await open();
      queue = await fixture.replica();
    });
    afterEach(async () => fixture.close());

    it('hands over each id once, oldest first, also those that were queued before anybody worked', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      for (const id of ids) await queue.enqueue(id, 1);
      expect(await queue.holds('a', 1)).toBe(true);
      const seen: string[] = [];
      await queue.work(async (id) => void seen.push(id), 1);
      await waitUntil(async () => seen.length === ids.length, 'all ids are handed over');
      expect(seen).toEqual(ids);
      await waitUntil(async () => !(await queue.holds('d', 1)), 'the last one is forgotten');
    });

    it('changes nothing when an id and attempt are queued again, and runs another attempt', async () => {
      for (const attempt of [1, 1, 2]) await queue.enqueue('a', attempt);
      const seen: string[] = [];
      await queue.work(async (id) => void seen.push(id), 1);
      await waitUntil(
        async () => !(await queue.holds('a', 1)) && !(await queue.holds('a', 2)),
        'both attempts are forgotten',
      );
      expect(seen).toEqual(['a', 'a']);
    });

    it('runs as many at once as it may over all replicas, and never one id twice', async () => {
      const other = await fixture.replica();
      const running = new Set<string>();
      let most = 0;
      const seen: string[] = [];
      const handler = async (id: string): Promise<void> => {
        expect(running.has(id)).toBe(false);
        running.add(id);
        most = Math.max(most, running.size);
        await sleep(50); // as a training takes its time
        running.delete(id);
        seen.push(id);
      };
      await Promise.all([queue.work(handler, 2), other.work(handler, 2)]);
      const ids = Array.from({ length: 8 }, (_, i) => `job-${i}`);
      for (const id of ids) await queue.enqueue(id, 1);
      await waitUntil(async () => seen.length === ids.length, 'all ids ran');
      expect(most).toBe(2);
      expect([...seen].sort()).toEqual(ids);
    });

    it('takes a waiting id out, and leaves one that runs', async () => {
      const seen: string[] = [];
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      await queue.work(async (id) => {
        seen.push(id);
        await finished;
      }, 1);
      await queue.enqueue('runs', 1);
      await waitUntil(async () => seen.length === 1, 'the first one runs');
      await queue.enqueue('waits', 1);
      await queue.remove('waits', 1);
      await queue.remove('runs', 1);
      await queue.remove('absent', 1);
      expect(await queue.holds('waits', 1)).toBe(false);
      expect(await queue.holds('runs', 1)).toBe(true);
      finish();
      await waitUntil(async () => !(await queue.holds('runs', 1)), 'the first one has ended');
      expect(seen).toEqual(['runs']);
    });

    it('forgets an id whose handler failed: its row says what became of it', async () => {
      await queue.work(async () => {
        throw new Error('The trainer broke.');
      }, 1);
      await queue.enqueue('a', 1);
      await waitUntil(async () => !(await queue.holds('a', 1)), 'the failed one is forgotten');
    });

    it('gives a running id back when the worker stops, for another to run', async () => {
      const reasons: unknown[] = [];
      let runs = false;
      await queue.work(
        async (_, signal) =>
          new Promise((_resolve, reject) => {
            runs = true;
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason);
              reject(signal.reason);
            });
          }),
        1,
      );
      await queue.enqueue('a', 1);
      await waitUntil(async () => runs, 'the id runs');
      await queue.stopWorking();
      expect(reasons).toEqual([SHUTDOWN]);
      expect(await queue.holds('a', 1)).toBe(true);

      const other = await fixture.replica();
      const seen: string[] = [];
      await other.work(async (id) => void seen.push(id), 1);
      await waitUntil(async () => seen.length === 1, 'another worker runs it');
      expect(seen).toEqual(['a']);
    });

    it('answers a ping', async () => {
      await expect(queue.ping()).resolves.toBeUndefined();
    });
  });
}
