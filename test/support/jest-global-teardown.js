import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export default async function globalTeardown() {
  const folder = process.env.ALMANAC_TEST_FOLDER;
  if (folder) await removeCluster(folder);
}

/** Stops the PostgreSQL under `folder` at once, whether or not somebody is connected, and deletes it all. */
export async function removeCluster(folder) {
  const pid = await readPid(join(folder, 'postgresql', 'cluster', 'postmaster.pid'));
  if (pid !== undefined) {
    for (let i = 0; i < 100 && signal(pid, i === 0 ? 'SIGQUIT' : 0); i += 1) await sleep(50);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function readPid(path) {
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it is gone
  }
}
