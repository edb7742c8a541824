import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { OperatorError } from '../../common/operator-error.js';

const RETRY_MS = 50;

/** The paths that this process holds: a file that names our id without being here is of an earlier process. */
const held = new Set<string>();

/** Somebody else held the lock for too long. */
export class LockTimeoutError extends OperatorError {
  override readonly name = 'LockTimeoutError';
}

/**
 * Takes the lock file at `path`, stealing it from a process that no longer lives.
 *
 * Ids are reused: in a container the service is process 1 each time, so a lock of process 1 that we do not hold was
 * left by a container that was killed.
 *
 * @returns Gives the lock back.
 * @throws LockTimeoutError when a living process holds it for `timeoutMs`.
 */
export async function takeLock(path: string, timeoutMs = 60_000): Promise<() => Promise<void>> {
  const deadline = Date.now() + timeoutMs;
  while (!(await create(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isStale(path, holder)) await rm(path, { force: true });
    else if (Date.now() > deadline) {
      throw new LockTimeoutError(
        `Process ${holder} has held ${path} for ${timeoutMs / 1000} s. Delete the file if that process is not Almanac's.`,
      );
    } else await sleep(RETRY_MS);
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(path: string, holder: number): boolean {
  if (!(holder > 0)) return false; // being written
  if (holder === process.pid) return !held.has(path);
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}
