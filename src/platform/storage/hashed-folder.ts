import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One file of a folder. */
export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a folder holds, and whatever else its writer noted. */
export interface Manifest {
  readonly format: string;
  readonly files: readonly FileEntry[];
  readonly [member: string]: unknown;
}

/** A folder is incomplete, altered or not what was asked for. */
export class HashedFolderError extends Error {
  override readonly name = 'HashedFolderError';
}

export type FileContents = Readonly<Record<string, Uint8Array>>;

/**
 * Writes files and a manifest with their hashes, so that the folder is there whole or not at all.
 *
 * Everything is written and synced beside `directory`, then renamed into place.
 *
 * @param format Name and version of what the folder holds, e.g. `almanac-artifact/1`.
 * @returns sha256 of the manifest: the same content has the same hash.
 */
export async function writeHashedFolder(
  directory: string,
  format: string,
  contents: FileContents,
  members: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const temporary = `${directory}.${randomUUID()}.part`;
  await mkdir(temporary, { recursive: true });
  try {
    const files: FileEntry[] = [];
    for (const name of Object.keys(contents).sort()) {
      const bytes = contents[name] ?? new Uint8Array();
      await writeSynced(join(temporary, name), bytes);
      files.push({ name, bytes: bytes.byteLength, sha256: sha256(bytes) });
    }
    const manifest = Buffer.from(`${JSON.stringify({ format, ...members, files }, undefined, 2)}\n`);
    await writeSynced(join(temporary, 'manifest.json'), manifest);
    await replaceFolder(temporary, directory);
    return sha256(manifest);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Reads a folder back and checks every byte of it.
 *
 * @throws HashedFolderError when the manifest does not have `hash`, or a file is absent or altered.
 */
export async function readHashedFolder(
  directory: string,
  format: string,
  hash: string,
): Promise<{ readonly manifest: Manifest; readonly contents: FileContents }> {
  const manifest = await readManifest(directory, format, hash);
  const contents: Record<string, Uint8Array> = {};
  for (const { name, bytes, sha256: expected } of manifest.files) {
    const content = await readOrRefuse(join(directory, name));
    if (content.byteLength !== bytes || sha256(content) !== expected) {
      throw new HashedFolderError(`The file ${name} in ${directory} is torn or altered.`);
    }
    contents[name] = content;
  }
  return { manifest, contents };
}

/**
 * Reads what a folder holds, without the files.
 *
 * @param hash sha256 of the manifest; undefined where nobody noted it.
 * @throws HashedFolderError when the manifest is absent, does not have `hash` or is of another format.
 */
export async function readManifest(
  directory: string,
  format: string,
  hash: string | undefined,
): Promise<Manifest> {
  const text = await readOrRefuse(join(directory, 'manifest.json'));
  if (hash !== undefined && sha256(text) !== hash)
    throw new HashedFolderError(`The manifest in ${directory} was altered.`);

  // written by writeHashedFolder, whole or not at all
  const manifest = JSON.parse(text.toString('utf8')) as Manifest;
  if (manifest.format !== format) {
    throw new HashedFolderError(`Expected ${format} in ${directory}, received ${manifest.format}.`);
  }
  return manifest;
}

/** Views `bytes` as numbers; copies them when they are not aligned. */
export function numbersOf<T>(bytes: Uint8Array, type: NumberArray<T>): T {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new type(aligned.buffer, aligned.byteOffset, aligned.byteLength / type.BYTES_PER_ELEMENT);
}

export function bytesOf(numbers: Int32Array | Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

export function jsonOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

interface NumberArray<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function replaceFolder(temporary: string, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await rename(temporary, directory);
  const parent = await open(dirname(directory), 'r');
  try {
    await parent.sync(); // the rename itself must survive a power cut
  } finally {
    await parent.close();
  }
}

async function readOrRefuse(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new HashedFolderError(`The file ${path} cannot be read.`, { cause: error });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
