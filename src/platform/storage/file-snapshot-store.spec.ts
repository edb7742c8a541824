import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { InteractionSnapshot } from '../../ports/snapshot-store.js';
import { FileSnapshotStore } from './file-snapshot-store.js';

const snapshot = (last: number): InteractionSnapshot => ({
  userIds: ['anna', 'ben'],
  itemIds: ['kale', 'leek'],
  regionIds: ['north'],
  interactions: {
    userCount: 2,
    itemCount: 2,
    users: Int32Array.of(0, 1, 1),
    items: Int32Array.of(1, 0, 0),
    timestamps: Float64Array.of(1, 2, last),
    userRegions: Int32Array.of(0, -1),
  },
});

describe('FileSnapshotStore', () => {
  let folder: string;
  let store: FileSnapshotStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-snapshots-'));
    store = new FileSnapshotStore(folder);
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('gives back what it was given', async () => {
    expect(await store.read(await store.write(snapshot(3)))).toEqual(snapshot(3));
  });

  it('takes many at once, the same and others, and keeps each content once', async () => {
    const hashes = await Promise.all([3, 3, 4, 3, 4, 5].map(async (last) => store.write(snapshot(last))));
    expect(new Set(hashes).size).toBe(3);
    expect((await readdir(folder)).sort()).toEqual([...new Set(hashes)].sort());
    expect(await store.read(hashes[5] ?? '')).toEqual(snapshot(5));
  });

  it('replaces one that is damaged', async () => {
    const hash = await store.write(snapshot(3));
    await truncate(join(folder, hash, 'interactions.at.f64'), 3);
    await expect(store.read(hash)).rejects.toThrow(/torn or altered/);
    expect(await store.write(snapshot(3))).toBe(hash);
    expect(await store.read(hash)).toEqual(snapshot(3));
    expect(await readdir(folder)).toEqual([hash]);
  });
});
