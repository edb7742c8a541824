import { exportLayersModel } from '../../ml/tensorflow/layers-model-export.js';
import { FileArtifactStore } from './file-artifact-store.js';
import { jsonOf, writeHashedFolder } from './hashed-folder.js';

/** Which version is to be written as a layers model, and where. */
export interface LayersModelOrder {
  readonly modelsDirectory: string;
  readonly modelId: string;
  /** sha256 of the manifest of its artifact. */
  readonly hash: string;
  readonly folder: string;
  /** Name and version of what the folder holds. */
  readonly format: string;
  /** Put before the names of the weight files in model.json. */
  readonly pathPrefix: string;
}

/**
 * Writes the artifact of a version as a TensorFlow.js layers model: model.json and its weights.
 *
 * @throws ArtifactError, IncompatibleStateError when there is no network in the artifact.
 */
export async function writeLayersModel(order: LayersModelOrder): Promise<void> {
  const { state } = await new FileArtifactStore(order.modelsDirectory).load(order.modelId, order.hash);
  const { model, shards } = await exportLayersModel(state, order.pathPrefix);
  const contents: Record<string, Uint8Array> = { 'model.json': jsonOf(model) };
  for (const { name, bytes } of shards) contents[name] = bytes;
  await writeHashedFolder(order.folder, order.format, contents, { kind: state.kind });
}
