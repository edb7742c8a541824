import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import {
  ArtifactDownloads,
  type ArtifactFile,
  type ArtifactFormat,
  type ArtifactListing,
} from '../../ports/artifact-downloads.js';
import { ArtifactError } from '../../ports/artifact-store.js';
import { ARTIFACT_FORMAT } from './file-artifact-store.js';
import { HashedFolderError, readManifest } from './hashed-folder.js';
import type { LayersModelOrder } from './layers-model-folder.js';

const LAYERS_MODEL_FORMAT = 'almanac-layers-model/1';
/** From the address of model.json to that of its weights. */
const PATH_PREFIX = 'artifact/';

/** Serves artifacts from their folders; a layers model is written beside the artifact when it is first asked for. */
export class FileArtifactDownloads extends ArtifactDownloads {
  /** Layers models being written, so that two who ask at once wait for one. */
  private readonly writing = new Map<string, Promise<void>>();

  /** @param directory Folder of all artifacts; must be shared by all replicas. */
  constructor(private readonly directory: string) {
    super();
  }

  async list(modelId: string, hash: string, format: ArtifactFormat): Promise<ArtifactListing> {
    const artifact = await this.read(modelId, ARTIFACT_FORMAT, hash, this.folder(modelId, hash, 'almanac'));
    if (format === 'almanac') return artifact;
    const folder = this.folder(modelId, hash, format);
    if (!existsSync(folder)) await this.writeOnce(modelId, hash, folder);
    const model = await this.read(modelId, LAYERS_MODEL_FORMAT, undefined, folder);
    // the ids of the rows are those of the artifact
    return { ...model, files: [...model.files, ...artifact.files.filter(({ name }) => isIds(name))] };
  }

  async open(modelId: string, hash: string, format: ArtifactFormat, file: ArtifactFile): Promise<Readable> {
    const folder = this.folder(modelId, hash, isIds(file.name) ? 'almanac' : format);
    const handle = await open(join(folder, file.name), 'r').catch((error: unknown) => {
      throw new ArtifactError(`The file ${file.name} of model ${modelId} cannot be read.`, { cause: error });
    });
    const { size } = await handle.stat();
    if (size === file.bytes) return handle.createReadStream();
    await handle.close();
    throw new ArtifactError(`The file ${file.name} of model ${modelId} is torn.`);
  }

  private async read(
    modelId: string,
    format: string,
    hash: string | undefined,
    folder: string,
  ): Promise<ArtifactListing> {
    try {
      const manifest = await readManifest(folder, format, hash);
      return { format, kind: String(manifest['kind']), files: manifest.files };
    } catch (error) {
      if (!(error instanceof HashedFolderError)) throw error;
      throw new ArtifactError(`The artifact of model ${modelId} is missing or was altered.`, {
        cause: error,
      });
    }
  }

  private async writeOnce(modelId: string, hash: string, folder: string): Promise<void> {
    const known = this.writing.get(folder);
    if (known !== undefined) return known;
    const written = writeInThread({
      modelsDirectory: this.directory,
      modelId,
      hash,
      folder,
      format: LAYERS_MODEL_FORMAT,
      pathPrefix: PATH_PREFIX,
    })
      .catch((error: Error) => {
        // another replica may have written it meanwhile
        if (!existsSync(folder)) throw new ArtifactError(error.message, { cause: error });
      })
      .finally(() => this.writing.delete(folder));
    this.writing.set(folder, written);
    return written;
  }

  /** The layers model lies inside the artifact's folder, so that it goes with it. */
  private folder(modelId: string, hash: string, format: ArtifactFormat): string {
    const artifact = join(this.directory, modelId);
    return format === 'almanac' ? artifact : join(artifact, `layers-model-${hash.slice(0, 16)}`);
  }
}

function isIds(name: string): boolean {
  return name === 'users.json' || name === 'items.json';
}

async function writeInThread(order: LayersModelOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadEntry(), { workerData: order });
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`The thread that writes layers models ended with ${code}.`)),
    );
  });
}

/** The compiled thread entry: beside this file in dist, or in dist when this file runs as TypeScript under Jest. */
function threadEntry(): URL {
  const beside = new URL('./layers-model-thread.js', import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL('../../../dist/src/platform/storage/layers-model-thread.js', import.meta.url);
}
