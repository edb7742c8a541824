import { DomainError } from '../../common/domain-error.js';
import type { TrainingJobStatus } from './training.types.js';

export class TrainingJobNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'training-job-not-found';
  override readonly extensions: { readonly jobId: string };

  constructor(jobId: string) {
    super(`No training job has the id ${jobId}.`);
    this.extensions = { jobId };
  }
}

export class TrainingQueueFullError extends DomainError {
  readonly kind = 'too-many';
  readonly code = 'training-queue-full';
  override readonly extensions: { readonly waiting: number; readonly queueSize: number };
  override readonly retryAfterSeconds: number;

  constructor(waiting: number, queueSize: number, retryAfterSeconds: number) {
    super(`Expected fewer than ${queueSize} waiting trainings, received one more while ${waiting} wait.`);
    this.extensions = { waiting, queueSize };
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class NoTrainingDataError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'no-training-data';
  override readonly extensions: { readonly sources: readonly string[] };

  constructor(sources: readonly string[]) {
    super(
      `Expected orders or events of the kinds ${sources.join(', ')} to learn from, received none. Import some first (POST /api/ml/import/orders).`,
    );
    this.extensions = { sources };
  }
}

export class TrainingJobEndedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'training-job-ended';
  override readonly extensions: { readonly jobId: string; readonly jobStatus: TrainingJobStatus };

  constructor(jobId: string, status: TrainingJobStatus) {
    super(`Expected a waiting or running job to cancel, received job ${jobId}, which is ${status}.`);
    this.extensions = { jobId, jobStatus: status };
  }
}

export class TrainingJobNotRetryableError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'training-job-not-retryable';
  override readonly extensions: { readonly jobId: string; readonly jobStatus: TrainingJobStatus };

  constructor(jobId: string, status: TrainingJobStatus) {
    super(`Expected a failed or cancelled job to retry, received job ${jobId}, which is ${status}.`);
    this.extensions = { jobId, jobStatus: status };
  }
}

export class TrainingModelRemovedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'training-model-removed';
  override readonly extensions: { readonly jobId: string };

  constructor(jobId: string) {
    super(`Job ${jobId} cannot be retried: its model version was deleted. Start a new training instead.`);
    this.extensions = { jobId };
  }
}
