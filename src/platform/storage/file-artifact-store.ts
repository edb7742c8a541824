import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { ModelState } from '../../ml/core/learner.js';
import { ArtifactError, ArtifactStore, type Artifact } from '../../ports/artifact-store.js';
import {
  bytesOf,
  HashedFolderError,
  jsonOf,
  numbersOf,
  readHashedFolder,
  writeHashedFolder,
  type FileContents,
} from './hashed-folder.js';

/** Format of artifact folders. */
export const ARTIFACT_FORMAT = 'almanac-artifact/1';
const TENSOR_SUFFIX = '.f32';

/** Artifacts as folders: a manifest with hashes, JSON, and little-endian float32 arrays. */
export class FileArtifactStore extends ArtifactStore {
  /** @param directory Folder of all artifacts; must be shared by all replicas. */
  constructor(private readonly directory: string) {
    super();
  }

  async stage(jobId: string, { state, userIds, itemIds, history }: Artifact): Promise<string> {
    const contents: Record<string, Uint8Array> = {
      'fitted.json': jsonOf(state.fitted),
      'users.json': jsonOf(userIds),
      'items.json': jsonOf(itemIds),
      'history.offsets.i32': bytesOf(history.offsets),
      'history.items.i32': bytesOf(history.items),
    };
    for (const [name, tensor] of Object.entries(state.tensors)) {
      contents[`${name}${TENSOR_SUFFIX}`] = bytesOf(tensor);
    }
    await mkdir(this.workFolder(jobId), { recursive: true });
    return writeHashedFolder(this.stagingFolder(jobId), ARTIFACT_FORMAT, contents, { kind: state.kind });
  }

  async register(jobId: string, modelId: string): Promise<void> {
    if (existsSync(this.stagingFolder(jobId))) {
      await rm(this.modelFolder(modelId), { recursive: true, force: true });
      await rename(this.stagingFolder(jobId), this.modelFolder(modelId));
    } else if (!existsSync(this.modelFolder(modelId))) {
      throw new ArtifactError(`Job ${jobId} staged no artifact.`);
    }
  }

  async load(modelId: string, hash: string): Promise<Artifact> {
    try {
      const { manifest, contents } = await readHashedFolder(this.modelFolder(modelId), ARTIFACT_FORMAT, hash);
      return {
        state: {
          kind: String(manifest['kind']),
          fitted: parse(contents, 'fitted.json') as ModelState['fitted'],
          tensors: readTensors(contents),
        },
        userIds: parse(contents, 'users.json') as string[],
        itemIds: parse(contents, 'items.json') as string[],
        history: {
          offsets: numbersOf(file(contents, 'history.offsets.i32'), Int32Array),
          items: numbersOf(file(contents, 'history.items.i32'), Int32Array),
        },
      };
    } catch (error) {
      if (error instanceof HashedFolderError) throw new ArtifactError(error.message, { cause: error });
      throw error;
    }
  }

  async remove(modelId: string): Promise<void> {
    await rm(this.modelFolder(modelId), { recursive: true, force: true });
  }

  async discard(jobId: string): Promise<void> {
    await rm(this.workFolder(jobId), { recursive: true, force: true });
  }

  /** Where a trainer may keep what it needs to resume the job. */
  workFolder(jobId: string): string {
    return join(this.directory, '.work', jobId);
  }

  private stagingFolder(jobId: string): string {
    return join(this.workFolder(jobId), 'artifact');
  }

  private modelFolder(modelId: string): string {
    return join(this.directory, modelId);
  }
}

function readTensors(contents: FileContents): Record<string, Float32Array> {
  const names = Object.keys(contents).filter((name) => name.endsWith(TENSOR_SUFFIX));
  return Object.fromEntries(
    names.map((name) => [
      name.slice(0, -TENSOR_SUFFIX.length),
      numbersOf(file(contents, name), Float32Array),
    ]),
  );
}

function parse(contents: FileContents, name: string): unknown {
  return JSON.parse(Buffer.from(file(contents, name)).toString('utf8'));
}

function file(contents: FileContents, name: string): Uint8Array {
  const content = contents[name];
  if (content === undefined) throw new ArtifactError(`The artifact has no file ${name}.`);
  return content;
}
