import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ClusterClaim, ForeignClaimError } from './cluster-claim.js';

describe('ClusterClaim', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-claim-'));
    path = join(folder, 'in-use');
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('is shared by the processes of one container', async () => {
    const first = await ClusterClaim.take(path);
    const second = await ClusterClaim.take(path);
    first.leave();
    expect(existsSync(path)).toBe(true);
    await second.end();
    expect(existsSync(path)).toBe(false);
  });

  it('refuses another container while it is renewed, also when both come at once', async () => {
    const taken = await Promise.allSettled(
      ['a', 'b'].map(async (identity) => ClusterClaim.take(path, { identity })),
    );
    const [claim] = taken.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const [refusal] = taken.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusal).toBeInstanceOf(ForeignClaimError);
    await claim?.end();
  });

  it('is taken over from a container that is gone', async () => {
    await writeFile(path, 'gone');
    const claim = await ClusterClaim.take(path, { identity: 'here', patienceMs: 200 });
    expect(await readFile(path, 'utf8')).toBe('here');
    await claim.end();
  });

  it('is taken at once when the other one ends it meanwhile', async () => {
    const other = await ClusterClaim.take(path, { identity: 'other' });
    const taking = ClusterClaim.take(path, { identity: 'here' });
    await sleep(20);
    await other.end();
    const claim = await taking;
    expect(await readFile(path, 'utf8')).toBe('here');
    await claim.end();
  });

  it('comes back when another process ended it too early', async () => {
    const claim = await ClusterClaim.take(path, { identity: 'here' });
    await rm(path);
    for (let i = 0; i < 100 && !existsSync(path); i++) await sleep(50);
    expect((await stat(path)).size).toBe('here'.length);
    await claim.end();
  });
});
