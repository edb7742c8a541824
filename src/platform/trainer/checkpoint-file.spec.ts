import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { CheckpointFile } from './checkpoint-file.js';

const checkpoint = (epoch: number) => ({
  kind: 'k/1',
  epoch,
  fitted: { loss: 0.5 },
  tensors: { weights: Float32Array.of(epoch, 2) },
});

describe('CheckpointFile', () => {
  let folder: string;
  let file: CheckpointFile;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-checkpoint-'));
    file = new CheckpointFile(folder);
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('has none at first', async () => {
    expect(await file.read()).toBeUndefined();
    expect(await new CheckpointFile(join(folder, 'absent')).read()).toBeUndefined();
  });

  it('keeps the newest only, by epoch and not by name', async () => {
    await file.write(checkpoint(9));
    await file.write(checkpoint(10));
    expect(await file.read()).toEqual(checkpoint(10));
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('passes over a torn one', async () => {
    await file.write(checkpoint(3));
    const [name = ''] = await readdir(folder);
    await truncate(join(folder, name, 'weights.f32'), 3);
    expect(await file.read()).toBeUndefined();
  });
});
