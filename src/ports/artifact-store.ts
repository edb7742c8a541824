import type { ModelState } from '../ml/core/learner.js';

/** What is kept of a trained recommender: its state and which users and products its rows stand for. */
export interface Artifact {
  readonly state: ModelState;
  /** Ids in row order of the model. */
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** What each user had at training time: items of user u are `items[offsets[u]] … items[offsets[u + 1] − 1]`. */
  readonly history: { readonly offsets: Int32Array; readonly items: Int32Array };
}

/** An artifact is absent, torn or not the one that was registered. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

/** Keeps artifacts of model versions. An artifact is complete or not there. */
export abstract class ArtifactStore {
  /** Writes an artifact that is not registered yet. @returns sha256 of its manifest. */
  abstract stage(jobId: string, artifact: Artifact): Promise<string>;

  /** Makes the staged artifact of a job that of a model. Repeating it changes nothing. */
  abstract register(jobId: string, modelId: string): Promise<void>;

  /** @throws ArtifactError unless every file has the hash its manifest states and the manifest has `hash`. */
  abstract load(modelId: string, hash: string): Promise<Artifact>;

  abstract remove(modelId: string): Promise<void>;

  /** Drops what a job staged or checkpointed. */
  abstract discard(jobId: string): Promise<void>;
}
