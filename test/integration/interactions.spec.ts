import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { InteractionRepository } from '../../src/modules/training/interaction.repository.js';
import { Database } from '../../src/platform/database/database.js';
import { FileSnapshotStore } from '../../src/platform/storage/file-snapshot-store.js';
import { jsonOf, writeHashedFolder } from '../../src/platform/storage/hashed-folder.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const { signal } = new AbortController();
const at = (minute: number): number => Date.UTC(2026, 0, 1, 0, minute);

describe('the snapshot of interactions', () => {
  let test: TestDatabase;
  let database: Database;
  let repository: InteractionRepository;
  let folder: string;

  beforeEach(async () => {
    test = await createTestDatabase();
    database = await Database.open({ databaseUrl: test.url, dataDirectory: '', databasePoolSize: 2 });
    repository = new InteractionRepository(database);
    folder = await mkdtemp(join(tmpdir(), 'almanac-snapshots-'));
    await database.pool.query(`
      INSERT INTO users (id, region) VALUES ('ann', 'Vale'), ('bob', NULL), ('cid', 'Hill'), ('dee', 'Vale'), ('eve', 'Moor');
      INSERT INTO products (id, name, category) VALUES ('carrot', 'Carrot', 'VEGETABLES'), ('leek', 'Leek', 'VEGETABLES');
      INSERT INTO orders (id, user_id, placed_at) VALUES
        ('o1', 'dee', '2026-01-01T00:01:00Z'), ('o2', 'ann', '2026-01-01T00:03:00Z'), ('o3', 'dee', '2026-01-01T00:04:00Z');
      INSERT INTO order_lines (order_id, line_number, product_id, quantity) VALUES
        ('o1', 1, 'carrot', 2), ('o1', 2, 'leek', 1), ('o2', 1, 'leek', 1), ('o3', 1, 'carrot', 5);
      INSERT INTO events (id, type, at, user_id, product_id) VALUES
        ('e1', 'purchase', '2026-01-01T00:02:00Z', 'bob', 'carrot'),
        ('e2', 'purchase', '2026-01-01T00:02:00Z', 'bob', 'carrot'),
        ('e3', 'click', '2026-01-01T00:05:00Z', 'cid', 'leek');`);
  });

  afterEach(async () => {
    await database.close();
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds every row in order of time, repetitions too, and the regions of users who have rows', async () => {
    expect(await repository.read(['order', 'purchase', 'click'], signal)).toEqual({
      userIds: ['dee', 'bob', 'ann', 'cid'],
      itemIds: ['carrot', 'leek'],
      regionIds: ['Vale', 'Hill'],
      interactions: {
        userCount: 4,
        itemCount: 2,
        users: Int32Array.of(0, 0, 1, 1, 2, 0, 3),
        items: Int32Array.of(0, 1, 0, 0, 1, 0, 1),
        timestamps: Float64Array.of(at(1), at(1), at(2), at(2), at(3), at(4), at(5)),
        userRegions: Int32Array.of(0, -1, 0, 1),
      },
    });
  });

  it('holds only what was asked for, and nothing where there is nothing', async () => {
    const { interactions, regionIds } = await repository.read(['click'], signal);
    expect([...interactions.timestamps]).toEqual([at(5)]);
    expect(regionIds).toEqual(['Hill']);
    expect((await repository.read(['rating'], signal)).interactions.users).toHaveLength(0);
  });

  it('reads more rows than one portion holds', async () => {
    await database.pool.query(`
      INSERT INTO users (id, region) SELECT 'u' || n, 'r' || n % 7 FROM generate_series(1, 21000) AS n;
      INSERT INTO events (id, type, at, user_id, product_id)
      SELECT 'view-' || n, 'view', timestamptz '2026-02-01' + n * interval '1 second', 'u' || n, 'leek'
      FROM generate_series(1, 21000) AS n;`);
    const { interactions, userIds, regionIds } = await repository.read(['view'], signal);
    expect(interactions.users).toEqual(Int32Array.from({ length: 21_000 }, (_, row) => row));
    const regionOf = (user: number): string | undefined => regionIds[interactions.userRegions[user] ?? -1];
    expect([0, 20_500].map((user) => [userIds[user], regionOf(user)])).toEqual([
      ['u1', 'r1'],
      ['u20501', 'r5'],
    ]);
  });

  it('comes back from the store as it went in', async () => {
    const store = new FileSnapshotStore(folder);
    const snapshot = await repository.read(['order', 'purchase'], signal);
    expect(await store.read(await store.write(snapshot))).toEqual(snapshot);
  });

  it('is refused in words when it was written by an earlier version', async () => {
    const hash = await writeHashedFolder(join(folder, 'building'), 'almanac-interactions/1', {
      'users.json': jsonOf([]),
    });
    const old = await writeHashedFolder(join(folder, hash), 'almanac-interactions/1', {
      'users.json': jsonOf([]),
    });
    await expect(new FileSnapshotStore(folder).read(old)).rejects.toThrow(
      /Expected almanac-interactions\/2 in .*, received almanac-interactions\/1/,
    );
  });

  it('stops when aborted', async () => {
    await expect(repository.read(['order'], AbortSignal.abort('cancel'))).rejects.toBe('cancel');
  });
});
