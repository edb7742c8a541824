import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import {
  Trainer,
  TrainingRefusedError,
  type TrainingEvent,
  type TrainingOutcome,
  type TrainingRun,
  type TrainingTask,
} from '../../ports/trainer.js';
import { describeEngines } from './installed-engines.js';
import type { TrainerMessage, TrainerOrder } from './trainer-message.js';

const KILL_GRACE_MS = 2_000;

/** Trains in a process of its own, at low priority, so that a training is not felt by requests. */
export class ForkedTrainer extends Trainer {
  constructor(private readonly machine: Omit<TrainerOrder, 'task'>) {
    super();
  }

  describeEngines(): string {
    return describeEngines(this.machine.gpuEnabled);
  }

  async run(task: TrainingTask, { signal, onEvent }: TrainingRun): Promise<TrainingOutcome> {
    signal.throwIfAborted();
    const child = fork(trainerEntry(), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    let kill: NodeJS.Timeout | undefined;
    const abort = (): void => {
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const order: TrainerOrder = { task, ...this.machine };
      child.send(order);
      return await outcomeOf(child, signal, onEvent);
    } finally {
      clearTimeout(kill);
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Waits for the process to end, so that nothing of it runs on after the outcome is known. */
async function outcomeOf(
  child: ChildProcess,
  signal: AbortSignal,
  onEvent: TrainingRun['onEvent'],
): Promise<TrainingOutcome> {
  let last: Exclude<TrainerMessage, TrainingEvent> | undefined;
  child.on('message', (message: TrainerMessage) => {
    if (message.kind === 'done' || message.kind === 'refused' || message.kind === 'failed') last = message;
    else onEvent(message);
  });
  const end = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  });

  if (last?.kind === 'done') {
    const { metrics, hyperparameters, artifactHash } = last;
    return { metrics, hyperparameters, artifactHash };
  }
  signal.throwIfAborted();
  if (last?.kind === 'refused') throw new TrainingRefusedError(last.code, last.message);
  throw new Error(last?.kind === 'failed' ? last.message : `The trainer process ended with ${end}.`);
}

/** The compiled entry; under Jest this file is a source, and the entry is in dist. */
function trainerEntry(): string {
  const beside = fileURLToPath(new URL('../../trainer.js', import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL('../../../dist/src/trainer.js', import.meta.url));
}
