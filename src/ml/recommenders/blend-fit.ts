import type { Interactions } from '../core/interactions.js';
import type { Checkpoint, FitContext, FitProgress, Learner, ModelState } from '../core/learner.js';
import { deriveSeed } from '../core/random.js';
import type { BlendMember } from './blend-hyperparameters.js';
import type { RecommenderModel } from './recommender-model.js';

/** A learner that a blend can hold. */
export type MemberLearner = Learner<Interactions, RecommenderModel> & { readonly hyperparameters: object };

/** Makes the learner of a model type; throws InvalidParameterError for a type that may not be a member. */
export type MemberFactory = (modelType: string, hyperparameters?: unknown) => MemberLearner;

/** What a fit has done so far. */
export interface BlendFitState {
  /** Of all members, once they are learned: the second round has begun. */
  readonly weights: readonly number[] | undefined;
  /** Models of the round under way that are finished, in the order of the members that it fits. */
  readonly done: readonly ModelState[];
}

/** Learner and format version of a blend's checkpoints. */
export const BLEND_CHECKPOINT_KIND = 'recommender-blend-checkpoint/1';

const ROUNDS = 2;
/** Steps of progress that the fit of one member counts for. */
const STEPS_A_MEMBER = 100;

/** Fits the members of a blend one after the other, tells how far it is and keeps what is finished. */
export class BlendFit {
  constructor(
    private readonly members: readonly BlendMember[],
    private readonly createMember: MemberFactory,
    private readonly context: FitContext,
  ) {}

  /** Fits all members, or in the second round those with weight. @returns Their models, in order. */
  async fitMembers(interactions: Interactions, state: BlendFitState): Promise<RecommenderModel[]> {
    const { weights } = state;
    const round = weights === undefined ? 1 : 2;
    const done = [...state.done];
    const models: RecommenderModel[] = [];
    for (const [index, { modelType, hyperparameters }] of this.members.entries()) {
      if (weights?.[index] === 0) continue;
      const learner = this.createMember(modelType, hyperparameters);
      const finished = done[models.length];
      if (finished) {
        models.push(learner.load(finished, this.context));
        continue;
      }
      const model = await learner.fit(interactions, this.memberContext(round, index));
      models.push(model);
      if (this.context.onCheckpoint) {
        done.push(model.save());
        await this.context.onCheckpoint(writeCheckpoint({ weights, done }));
      }
    }
    return models;
  }

  private memberContext(round: number, index: number): FitContext {
    const { kernels, seed, threads, signal, clock } = this.context;
    return {
      kernels,
      seed: deriveSeed(seed, round, index),
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
      ...(clock && { clock }),
      onProgress: (progress) => this.tell(round, index, progress),
    };
  }

  private tell(round: number, index: number, { epoch, epochs, loss, samplesPerSecond }: FitProgress): void {
    const before = (round - 1) * this.members.length + index;
    this.context.onProgress?.({
      epoch: Math.round(STEPS_A_MEMBER * (before + epoch / epochs)),
      epochs: STEPS_A_MEMBER * ROUNDS * this.members.length,
      loss,
      samplesPerSecond,
    });
  }
}

function writeCheckpoint({ weights, done }: BlendFitState): Checkpoint {
  return {
    kind: BLEND_CHECKPOINT_KIND,
    epoch: (weights === undefined ? 0 : STEPS_A_MEMBER) + done.length,
    fitted: {
      weights: weights ?? null,
      kinds: done.map(({ kind }) => kind),
      fitted: done.map(({ fitted }) => fitted),
    },
    tensors: Object.fromEntries(
      done.flatMap(({ tensors }, index) =>
        Object.entries(tensors).map(([name, tensor]) => [`${index}.${name}`, tensor]),
      ),
    ),
  };
}
