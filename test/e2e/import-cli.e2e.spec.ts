import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runBuilt, type Outcome } from '../support/run-built.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('npm run import', () => {
  let app: TestApp;
  let folder: string;

  beforeAll(async () => {
    app = await startTestApp();
    folder = await mkdtemp(join(tmpdir(), 'almanac-import-'));
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  const file = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const run = async (...args: readonly string[]): Promise<Outcome> =>
    runBuilt('cli/import.js', args, {
      DATABASE_URL: app.database.url,
      ALMANAC_DATA: folder,
      ML_MODELS_DIR: folder,
    });

  it('imports several files, whatever their order, kinds and formats', async () => {
    const orders = await file(
      'orders.csv',
      'order;user;when;item;quantity\no1;u1;2026-06-01T08:00:00Z;p1;2\no1;u1;2026-06-01T08:00:00Z;p2;1\n',
    );
    const users = await file('users.ndjson.gz', gzipSync('{"id":"u1","name":"Ann"}\n'));
    const products = await file('products.csv', 'id,name,category\np1,Kale,VEGETABLES\np2,Leek,VEGETABLES\n');
    const maps = ['order:orderId', 'user:userId', 'when:placedAt', 'item:productId'];
    const separately = await run('--products', products, '--users', users);
    expect(separately).toMatchObject({ code: 0, stderr: '' });
    expect(separately.stdout).toMatch(/^users .* 1 created.*\nproducts .* 2 created/);

    const args = ['--orders', orders, '--delimiter', ';', ...maps.flatMap((map) => ['--map', map])];
    expect((await run(...args)).stdout).toMatch(/2 lines, 1 created, 0 updated, 0 unchanged, 0 refused/);
    expect((await run(...args)).stdout).toMatch(/2 lines, 0 created, 0 updated, 1 unchanged, 0 refused/);
    const { rows } = await app.database.pool.query(
      `SELECT product_id, quantity::float8 FROM order_lines WHERE order_id = 'o1' ORDER BY line_number`,
    );
    expect(rows).toEqual([
      { product_id: 'p1', quantity: 2 },
      { product_id: 'p2', quantity: 1 },
    ]);
  });

  it('names each refused line, imports the others, and ends with 1', async () => {
    const path = await file('some.csv', 'id,latitude\ngood,1\nbad,200\n');
    const { code, stdout, stderr } = await run('--users', path);
    expect(code).toBe(1);
    expect(stdout).toContain('2 lines, 1 created, 0 updated, 0 unchanged, 1 refused');
    expect(stderr).toContain('line 3: latitude must be a number from -90 to 90, received "200"');
  });

  it('imports nothing when that is wished and a line is refused', async () => {
    const path = await file('atomic.csv', 'id,latitude\nnobody,1\nbad,200\n');
    const { code, stderr } = await run('--users', path, '--atomic');
    expect(code).toBe(1);
    expect(stderr).toContain('line 3: latitude must be a number from -90 to 90');
    expect(stderr).not.toContain('    at ');
    expect((await app.database.pool.query(`SELECT FROM users WHERE id = 'nobody'`)).rowCount).toBe(0);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /^Expected at least one file/],
    ['an unknown option', ['--colour', 'red'], /^Unknown option '--colour'/],
    ['a file that is not there', ['--users', 'absent.csv'], /^--users must be a file that exists/],
    ['a folder instead of a file', ['--users', '.'], /^--users must be a file that exists/],
  ])('explains its use after %s, and ends with 2', async (_, args, reason) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).toContain('npm run import -- [--users FILE]');
  });

  it('shows its use when asked', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--create-missing');
  });

  it('says in words that the database cannot be reached, without its password', async () => {
    const path = await file('users.csv', 'id\nx\n');
    const url = 'postgresql://someone:hunter2@127.0.0.1:1/shop';
    const { code, stderr } = await runBuilt('cli/import.js', ['--users', path], { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The database at 127\.0\.0\.1:1\/shop cannot be used: .*ECONNREFUSED.*DATABASE_URL/,
    );
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toContain('    at ');
  });
});
