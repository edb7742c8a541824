import type { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';

import {
  ArtifactDownloads,
  type ArtifactFile,
  type ArtifactFormat,
  type ArtifactListing,
} from '../../ports/artifact-downloads.js';
import { ArtifactError } from '../../ports/artifact-store.js';
import {
  ArtifactFileNotFoundError,
  ModelArtifactUnusableError,
  ModelWithoutArtifactError,
  ModelWithoutNetworkError,
} from './models.errors.js';
import { ModelsService } from './models.service.js';
import type { ModelVersion } from './models.types.js';

/** What a client gets: the bytes and what identifies them. */
export interface ArtifactDownload {
  readonly file: ArtifactFile;
  /** Opens it; not called where the client has the file already. */
  readonly open: () => Promise<Readable>;
}

/** Name of the file that `tf.loadLayersModel` is given the address of. */
const LAYERS_MODEL = 'model.json';

/** Lets other programs have trained models: as they are kept, or as TensorFlow.js layers models. */
@Injectable()
export class ArtifactsService {
  constructor(
    private readonly models: ModelsService,
    private readonly downloads: ArtifactDownloads,
  ) {}

  /** @throws ModelNotFoundError, ModelWithoutArtifactError, ModelWithoutNetworkError, ModelArtifactUnusableError */
  async list(modelId: string, format: ArtifactFormat): Promise<ArtifactListing> {
    return this.listing(await this.models.get(modelId), format);
  }

  /** The file that names the weights. @throws As `list`. */
  async layersModel(modelId: string): Promise<ArtifactDownload> {
    return this.find(modelId, 'tfjs', LAYERS_MODEL);
  }

  /** @throws As `list`; ArtifactFileNotFoundError */
  async find(modelId: string, format: ArtifactFormat, name: string): Promise<ArtifactDownload> {
    const model = await this.models.get(modelId);
    const { files } = await this.listing(model, format);
    const file = files.find((candidate) => candidate.name === name);
    if (!file) {
      throw new ArtifactFileNotFoundError(
        modelId,
        name,
        files.map((known) => known.name),
      );
    }
    const hash = hashOf(model);
    return {
      file,
      open: async () =>
        this.downloads.open(modelId, hash, format, file).catch((error) => refuse(modelId, error)),
    };
  }

  private async listing(model: ModelVersion, format: ArtifactFormat): Promise<ArtifactListing> {
    const hash = hashOf(model);
    if (format === 'tfjs' && model.type !== 'NEURAL_COLLABORATIVE_FILTERING') {
      throw new ModelWithoutNetworkError(model.id, model.type);
    }
    return this.downloads.list(model.id, hash, format).catch((error) => refuse(model.id, error));
  }
}

function hashOf({ id, status, artifactHash }: ModelVersion): string {
  if (artifactHash === undefined) throw new ModelWithoutArtifactError(id, status);
  return artifactHash;
}

function refuse(modelId: string, error: unknown): never {
  if (!(error instanceof ArtifactError)) throw error;
  throw new ModelArtifactUnusableError(modelId, error.message, { cause: error });
}
