import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OperatorError } from '../../common/operator-error.js';

const SECRET_FILE = 'jwt-secret';
const SECRET_BYTES = 32;

interface TokenSecretOptions {
  readonly secret: string | undefined;
  readonly dataDirectory: string;
}

/** The file that should hold the secret does not. */
export class TokenSecretError extends OperatorError {
  override readonly name = 'TokenSecretError';
}

/**
 * The key that signs and verifies tokens: the given secret, or one that is made at first use and kept in
 * the data directory, readable by its owner only.
 *
 * A KeyObject, because handing a string to jsonwebtoken costs 44 times more a verification.
 *
 * @throws TokenSecretError when the file is damaged; it is never replaced, old tokens may depend on it.
 */
export async function openTokenSecret({ secret, dataDirectory }: TokenSecretOptions): Promise<KeyObject> {
  if (secret !== undefined) return createSecretKey(Buffer.from(secret));

  const path = join(dataDirectory, SECRET_FILE);
  const text = (await read(path)) ?? (await create(path, dataDirectory));
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length < SECRET_BYTES) {
    throw new TokenSecretError(
      `${path} must hold ${SECRET_BYTES} bytes in base64url, it holds ${bytes.length}. ` +
        'Restore it, or delete it to make a new one: tokens issued before are then refused.',
    );
  }
  return createSecretKey(bytes);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the secret; of two processes that try at once, one wins and both use its secret. */
async function create(path: string, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(SECRET_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path); // complete or not there, and never over an existing file
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
