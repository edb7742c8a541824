import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Checkpoint } from '../../ml/core/learner.js';
import {
  bytesOf,
  HashedFolderError,
  jsonOf,
  numbersOf,
  readHashedFolder,
  writeHashedFolder,
} from '../storage/hashed-folder.js';

const FORMAT = 'almanac-checkpoint/1';
const NAME = /^checkpoint-(\d+)-([0-9a-f]{64})$/;

/** The newest finished epoch of one training, kept so that a killed trainer can go on from there. */
export class CheckpointFile {
  /** @param directory Work folder of the job. */
  constructor(private readonly directory: string) {}

  async write({ kind, epoch, fitted, tensors }: Checkpoint): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const contents: Record<string, Uint8Array> = { 'fitted.json': jsonOf(fitted) };
    for (const [name, tensor] of Object.entries(tensors)) contents[`${name}.f32`] = bytesOf(tensor);
    const fresh = join(this.directory, 'checkpoint');
    const hash = await writeHashedFolder(fresh, FORMAT, contents, { kind, epoch });
    const older = await this.list();
    await rename(fresh, join(this.directory, `checkpoint-${epoch}-${hash}`));
    await Promise.all(
      older.map(async ({ name }) => rm(join(this.directory, name), { recursive: true, force: true })),
    );
  }

  /** @returns The newest whole checkpoint; a torn one is passed over. */
  async read(): Promise<Checkpoint | undefined> {
    for (const { name, hash } of await this.list()) {
      try {
        return await this.load(name, hash);
      } catch (error) {
        if (!(error instanceof HashedFolderError)) throw error;
      }
    }
    return undefined;
  }

  private async load(name: string, hash: string): Promise<Checkpoint> {
    const { manifest, contents } = await readHashedFolder(join(this.directory, name), FORMAT, hash);
    const tensors = Object.entries(contents).filter(([file]) => file.endsWith('.f32'));
    return {
      kind: String(manifest['kind']),
      epoch: Number(manifest['epoch']),
      // written by `write`, as the hash says
      fitted: JSON.parse(Buffer.from(contents['fitted.json'] ?? []).toString('utf8')) as Checkpoint['fitted'],
      tensors: Object.fromEntries(
        tensors.map(([file, bytes]) => [file.slice(0, -'.f32'.length), numbersOf(bytes, Float32Array)]),
      ),
    };
  }

  /** Checkpoints by epoch, newest first. */
  private async list(): Promise<
    readonly { readonly name: string; readonly epoch: number; readonly hash: string }[]
  > {
    const names = await readdir(this.directory).catch(() => []);
    return names
      .flatMap((name) => {
        const match = NAME.exec(name);
        return match ? [{ name, epoch: Number(match[1]), hash: match[2] ?? '' }] : [];
      })
      .sort((a, b) => b.epoch - a.epoch);
  }
}
