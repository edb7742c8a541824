import { setPriority } from 'node:os';

import { MlError } from './ml/core/errors.js';
import { FileArtifactStore } from './platform/storage/file-artifact-store.js';
import { FileSnapshotStore } from './platform/storage/file-snapshot-store.js';
import { CheckpointFile } from './platform/trainer/checkpoint-file.js';
import { trainRecommender } from './platform/trainer/recommender-training.js';
import type { TrainerMessage, TrainerOrder } from './platform/trainer/trainer-message.js';
import { startEngine } from './platform/trainer/training-engine.js';
import { WasmKernelRuntime } from './platform/wasm/wasm-kernel-runtime.js';

const CHECKPOINT_EVERY_MS = 2_000;

/** The trainer process: one order in, progress and one outcome out, no database and no network. */
async function train(
  { task, modelsDirectory, snapshotsDirectory, gpuEnabled }: TrainerOrder,
  signal: AbortSignal,
): Promise<void> {
  const artifacts = new FileArtifactStore(modelsDirectory);
  const checkpoints = new CheckpointFile(artifacts.workFolder(task.jobId));
  const snapshot = await new FileSnapshotStore(snapshotsDirectory).read(task.snapshotHash);
  const { engine, startNeuMFTraining } = await startEngine(task, gpuEnabled);
  tell({ kind: 'engine', engine });
  let checkpointAt = performance.now();
  const { artifact, ...result } = await trainRecommender(task, snapshot, {
    context: {
      kernels: new WasmKernelRuntime(),
      ...(startNeuMFTraining && { startNeuMFTraining }),
      signal,
      clock: () => performance.now(),
      onProgress: (progress) => tell({ kind: 'progress', progress }),
      onCheckpoint: async (checkpoint) => {
        if (performance.now() - checkpointAt < CHECKPOINT_EVERY_MS) return;
        await checkpoints.write(checkpoint);
        checkpointAt = performance.now();
      },
    },
    resumeFrom: await checkpoints.read(),
    onTrialProgress: (progress, trial) => tell({ kind: 'progress', progress, trial }),
    onTrials: (trials) => tell({ kind: 'trials', trials }),
    onValidating: () => tell({ kind: 'validating' }),
  });
  await finish({ kind: 'done', ...result, artifactHash: await artifacts.stage(task.jobId, artifact) });
}

/** A worker that has died does not listen any more; `disconnect` ends us then. */
function tell(message: TrainerMessage): void {
  process.send?.(message, undefined, {}, () => undefined);
}

/** Resolves once the last message is out, so that the exit cannot overtake it. */
async function finish(message: TrainerMessage): Promise<void> {
  await new Promise<void>((sent) => {
    process.send?.(message, undefined, {}, () => sent());
  });
}

async function finishBadly(error: unknown): Promise<void> {
  if (error instanceof MlError) await finish({ kind: 'refused', code: error.code, message: error.message });
  else await finish({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

const controller = new AbortController();
process.on('SIGTERM', () => controller.abort(new Error('The trainer was told to stop.')));
process.on('SIGINT', () => undefined); // Ctrl-C goes to the whole group; the worker decides
process.on('disconnect', () => process.exit(1)); // without its worker nobody waits for the outcome
process.once('message', (order: TrainerOrder) => {
  setPriority(order.nice);
  train(order, controller.signal)
    .catch(finishBadly)
    .finally(() => process.exit(0));
});
