import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  bytesOf,
  HashedFolderError,
  jsonOf,
  numbersOf,
  readHashedFolder,
  writeHashedFolder,
} from './hashed-folder.js';

const FORMAT = 'test/1';

describe('hashed folder', () => {
  let root: string;
  let folder: string;
  const contents = { 'a.json': jsonOf({ a: 1 }), 'b.f32': bytesOf(Float32Array.of(1.5, -2)) };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'almanac-hashed-'));
    folder = join(root, 'folder');
  });
  afterEach(async () => rm(root, { recursive: true, force: true }));

  it('gives back what was written', async () => {
    const hash = await writeHashedFolder(folder, FORMAT, contents, { kind: 'k' });
    const { manifest, contents: read } = await readHashedFolder(folder, FORMAT, hash);
    expect(manifest['kind']).toBe('k');
    expect(Object.keys(read)).toEqual(['a.json', 'b.f32']);
    expect([...numbersOf(read['b.f32'] ?? new Uint8Array(), Float32Array)]).toEqual([1.5, -2]);
  });

  it('has the same hash for the same content, and another for another', async () => {
    const first = await writeHashedFolder(folder, FORMAT, contents);
    expect(await writeHashedFolder(join(root, 'again'), FORMAT, contents)).toBe(first);
    expect(await writeHashedFolder(join(root, 'other'), FORMAT, { 'a.json': jsonOf({ a: 2 }) })).not.toBe(
      first,
    );
  });

  it('replaces a folder as a whole and leaves nothing beside it', async () => {
    await writeHashedFolder(folder, FORMAT, contents);
    await writeHashedFolder(folder, FORMAT, { 'c.json': jsonOf(3) });
    expect((await readdir(folder)).sort()).toEqual(['c.json', 'manifest.json']);
    expect(await readdir(root)).toEqual(['folder']);
  });

  it.each([
    ['torn', async (file: string) => truncate(file, 4)],
    ['longer', async (file: string) => appendFile(file, 'x')],
    [
      'altered',
      async (file: string) => writeFile(file, Buffer.from((await readFile(file)).map((byte) => byte ^ 1))),
    ],
    ['gone', async (file: string) => rm(file)],
  ])('refuses a file that is %s', async (_, harm) => {
    const hash = await writeHashedFolder(folder, FORMAT, contents);
    await harm(join(folder, 'b.f32'));
    await expect(readHashedFolder(folder, FORMAT, hash)).rejects.toThrow(HashedFolderError);
    await expect(readHashedFolder(folder, FORMAT, hash)).rejects.toThrow('b.f32');
  });

  it('refuses a manifest that is not the one that was registered, and another format', async () => {
    const hash = await writeHashedFolder(folder, FORMAT, contents);
    await expect(readHashedFolder(folder, 'test/2', hash)).rejects.toThrow('Expected test/2');
    await writeHashedFolder(folder, FORMAT, { 'a.json': jsonOf('forged') });
    await expect(readHashedFolder(folder, FORMAT, hash)).rejects.toThrow('manifest');
  });

  it('reads numbers from bytes that are not aligned', () => {
    const bytes = new Uint8Array(9);
    bytes.set(bytesOf(Int32Array.of(7, -9)), 1);
    expect([...numbersOf(bytes.subarray(1), Int32Array)]).toEqual([7, -9]);
  });
});
