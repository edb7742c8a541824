import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { OperatorError } from '../../common/operator-error.js';

const BEAT_MS = 1000;
/** A claim that is not renewed for so long is of somebody who is gone. */
const PATIENCE_MS = 6000;
const POLL_MS = 100;

/** Another container or machine uses the folder. */
export class ForeignClaimError extends OperatorError {
  override readonly name = 'ForeignClaimError';
}

interface ClaimOptions {
  /** Who claims; default: this boot of this machine, and this container of it. */
  readonly identity?: string;
  readonly patienceMs?: number;
}

/**
 * Keeps a folder to the processes of one container or machine.
 *
 * PostgreSQL itself refuses a second server on its folder by process id and shared memory, and neither sees into
 * another container with the same volume: two servers would destroy the data. All processes of one container share a
 * claim and renew it each second; another one that finds it renewed is refused, one that finds it old takes it over.
 * The clocks of the two need not agree.
 */
export class ClusterClaim {
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly identity: string,
  ) {
    this.timer = setInterval(() => void this.renew(), BEAT_MS).unref();
  }

  /**
   * @param path The file of the claim.
   * @throws ForeignClaimError when somebody else renews it; it is left alone.
   */
  static async take(path: string, options: ClaimOptions = {}): Promise<ClusterClaim> {
    const { identity = await ownIdentity(), patienceMs = PATIENCE_MS } = options;
    while (!(await write(path, identity))) {
      const holder = await read(path);
      if (holder === identity) break;
      if (await isRenewed(path, patienceMs)) {
        throw new ForeignClaimError(
          `Another container or machine (${holder}) uses the database beside ${path}. ` +
            'Stop it, give this one a folder of its own, or let both use one server by DATABASE_URL.',
        );
      }
      await rm(path, { force: true });
    }
    return new ClusterClaim(path, identity);
  }

  /** Stops renewing; others of this container may go on. */
  leave(): void {
    clearInterval(this.timer);
  }

  /** Ends the claim: nobody uses the folder any more. */
  async end(): Promise<void> {
    this.leave();
    await rm(this.path, { force: true });
  }

  private async renew(): Promise<void> {
    const now = new Date();
    // another process of this container may have ended the claim too early; a full disk must not end the service
    await utimes(this.path, now, now).catch(() => write(this.path, this.identity).catch(() => false));
  }
}

/** Complete or not there: a reader never sees half of it. @returns False when there is a claim already. */
async function write(path: string, identity: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, identity, { flag: 'wx' });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Watches for `patienceMs` whether the file changes. */
async function isRenewed(path: string, patienceMs: number): Promise<boolean> {
  const modified = async (): Promise<number | undefined> =>
    stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
  const first = await modified();
  for (const end = performance.now() + patienceMs; performance.now() < end;) {
    await sleep(POLL_MS);
    const now = await modified();
    if (now === undefined) return false;
    if (now !== first) return true;
  }
  return false;
}

async function ownIdentity(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // no Linux
  }
}
