import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { LockTimeoutError, takeLock } from './lock-file.js';

describe('takeLock', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-lock-'));
    path = join(folder, 'starting.lock');
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('is held by one at a time', async () => {
    const release = await takeLock(path);
    expect(await readFile(path, 'utf8')).toBe(String(process.pid));
    await expect(takeLock(path, 0)).rejects.toThrow(LockTimeoutError);
    const next = takeLock(path);
    await release();
    await (
      await next
    )();
    expect(existsSync(path)).toBe(false);
  });

  it('is taken from a process that no longer lives', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeFile(path, String(pid));
    await (
      await takeLock(path, 0)
    )();
  });

  it('is taken from an earlier process with the id of this one, as containers leave it', async () => {
    await writeFile(path, String(process.pid));
    await (
      await takeLock(path, 0)
    )();
  });

  it('is left to a living process, and says whose it is', async () => {
    await writeFile(path, String(process.ppid));
    await expect(takeLock(path, 0)).rejects.toThrow(`Process ${process.ppid} has held ${path}`);
  });
});
