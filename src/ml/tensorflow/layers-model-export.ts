import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, io } from '@tensorflow/tfjs-core';

import type { ModelState } from '../core/learner.js';
import { expectKind } from '../core/state.js';
import { NEUMF_KIND, readModel } from '../recommenders/neumf-state.js';
import { createNeuMFLayersModel } from './neumf-layers-model.js';

/** A layers model as `tf.loadLayersModel` reads it. */
export interface ExportedLayersModel {
  /** Content of model.json. */
  readonly model: io.ModelJSON;
  /** The weight files that it names, in its order. */
  readonly shards: readonly LayersModelShard[];
}

export interface LayersModelShard {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** As the TensorFlow.js converter cuts: browsers fetch and cache parts of this size well. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * Writes a fitted NeuMF as a TensorFlow.js layers model: topology and weights, little-endian float32.
 *
 * Inputs `user` and `item` are row indices of shape (n, 1), the output is the probability of shape (n, 1).
 * Leaves no tensor behind. Takes about twice the memory of the weights while it runs.
 *
 * @param folder Put before the names of the weight files in model.json, e.g. `artifact/`.
 * @throws IncompatibleStateError when `state` is not of NeuMF or incomplete.
 */
export async function exportLayersModel(state: ModelState, folder = ''): Promise<ExportedLayersModel> {
  expectKind(state, NEUMF_KIND);
  enableProdMode(); // or it advertises its other backends on stderr
  const { shape, weights } = readModel(state);
  const network = createNeuMFLayersModel(shape, weights);
  try {
    const { modelTopology, weightSpecs, weightData } = await artifactsOf(network);
    const shards = cut(io.CompositeArrayBuffer.join(weightData));
    return {
      model: {
        format: 'layers-model',
        generatedBy: 'Almanac',
        // `io` leaves both open in its types; a saved layers model has them
        modelTopology: modelTopology ?? {},
        weightsManifest: [
          { paths: shards.map(({ name }) => `${folder}${name}`), weights: weightSpecs ?? [] },
        ],
        userDefinedMetadata: {
          kind: state.kind,
          userCount: shape.userCount,
          itemCount: shape.itemCount,
          users: `${folder}users.json`,
          items: `${folder}items.json`,
        },
      },
      shards,
    };
  } finally {
    network.dispose();
  }
}

async function artifactsOf(network: ReturnType<typeof createNeuMFLayersModel>): Promise<io.ModelArtifacts> {
  return new Promise((resolve, reject) => {
    const handler = io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    network.save(handler).catch(reject);
  });
}

function cut(data: ArrayBuffer): LayersModelShard[] {
  const count = Math.max(1, Math.ceil(data.byteLength / SHARD_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    name: `group1-shard${index + 1}of${count}.bin`,
    bytes: new Uint8Array(
      data,
      index * SHARD_BYTES,
      Math.min(SHARD_BYTES, data.byteLength - index * SHARD_BYTES),
    ),
  }));
}
