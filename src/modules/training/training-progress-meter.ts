import type { FitProgress } from '../../ml/core/learner.js';
import type { SearchOrder } from '../../ports/trainer.js';
import type { ProgressDetail } from './training.types.js';

const PERCENT = { training: 5, validating: 90 };
/** Part of the percents that belongs to the trials, where there is a search. */
const SEARCH_SHARE = 0.75;

/** Turns what a trainer reports into percents and remaining seconds. */
export class TrainingProgressMeter {
  private startedAt: number;
  private firstEpoch: number | undefined;
  private isFitting = false;
  private lastTrialAt: number | undefined;

  /** @param now Milliseconds from any origin, as all other times. */
  constructor(
    private readonly search: SearchOrder | undefined,
    private readonly now: () => number,
  ) {
    this.startedAt = now();
  }

  /** @param trial Number of the trial that the epoch belongs to; undefined for the training itself. */
  read(
    progress: FitProgress,
    trial: number | undefined,
  ): { readonly percent: number; readonly detail: ProgressDetail } {
    return trial === undefined || !this.search
      ? this.readFit(progress)
      : this.readTrial(progress, trial, this.search);
  }

  private readTrial(
    progress: FitProgress,
    trial: number,
    { trials, budgetSeconds = Number.POSITIVE_INFINITY }: SearchOrder,
  ): ReturnType<TrainingProgressMeter['read']> {
    this.lastTrialAt = this.now();
    const seconds = (this.now() - this.startedAt) / 1000;
    const share = Math.max((trial - 1 + progress.epoch / progress.epochs) / trials, seconds / budgetSeconds);
    const percent = percentOf(SEARCH_SHARE * Math.min(1, share));
    return { percent, detail: { trial, trials, ...detailOf(progress) } };
  }

  private readFit(progress: FitProgress): ReturnType<TrainingProgressMeter['read']> {
    const { epoch, epochs } = progress;
    if (!this.isFitting) {
      this.isFitting = true;
      this.firstEpoch = epoch - 1;
      this.startedAt = this.lastTrialAt ?? this.startedAt;
    }
    const secondsAnEpoch = (this.now() - this.startedAt) / 1000 / (epoch - (this.firstEpoch ?? 0));
    const searched = this.search ? SEARCH_SHARE : 0;
    return {
      percent: percentOf(searched + ((1 - searched) * epoch) / epochs),
      detail: {
        ...detailOf(progress),
        remainingSeconds: Math.round(secondsAnEpoch * (epochs - epoch) * 10) / 10,
      },
    };
  }
}

function percentOf(share: number): number {
  return Math.round(PERCENT.training + (PERCENT.validating - PERCENT.training) * share);
}

function detailOf({ epoch, epochs, loss, samplesPerSecond }: FitProgress): ProgressDetail {
  return { epoch, epochs, loss, samplesPerSecond: Math.round(samplesPerSecond) };
}
