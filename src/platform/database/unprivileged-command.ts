import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who runs the PostgreSQL programs: they refuse to run as root. */
export interface CommandOwner {
  /** Absent: the user of this process. */
  readonly uid?: number;
  readonly gid?: number;
  /** True when that user cannot walk into the folders by itself and needs CAP_DAC_OVERRIDE. */
  readonly needsOverride: boolean;
}

/**
 * Chooses the user: this process's own, or as root the first of `postgres` and `nobody` that exists.
 *
 * @param paths What the user must be able to reach.
 */
export async function commandOwner(paths: readonly string[]): Promise<CommandOwner> {
  if (process.getuid?.() !== 0) return { needsOverride: false };
  for (const name of ['postgres', 'nobody']) {
    try {
      const uid = Number((await run('id', ['-u', name])).stdout);
      const gid = Number((await run('id', ['-g', name])).stdout);
      return { uid, gid, needsOverride: !(await everyoneCanReach(paths)) };
    } catch {
      continue; // no such user
    }
  }
  throw new Error('PostgreSQL does not run as root, and neither the user postgres nor nobody exists.');
}

/**
 * Runs `file` as `owner` and waits for it.
 *
 * @throws Error with the program's standard error when it fails.
 */
export async function runAs(owner: CommandOwner, file: string, args: readonly string[]): Promise<void> {
  const { uid, gid, needsOverride } = owner;
  const environment = { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C' };
  if (uid !== undefined && gid !== undefined && needsOverride) {
    // the checkout lies below a folder closed to others, e.g. /root: let the server pass folder permissions
    await run(
      'setpriv',
      [
        ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
        ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--', file],
        ...args,
      ],
      { env: environment },
    );
    return;
  }
  await run(file, [...args], {
    env: environment,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    cwd: '/',
  });
}

/** Whether others may pass every existing folder above each path. */
async function everyoneCanReach(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (existsSync(folder) && ((await stat(folder)).mode & 0o001) === 0) return false;
    }
  }
  return true;
}
