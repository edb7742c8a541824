import { runInSlices } from '../core/event-loop.js';
import { IncompatibleStateError } from '../core/errors.js';
import type { Interactions } from '../core/interactions.js';
import type { Checkpoint, FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { deriveSeed } from '../core/random.js';
import { expectKind } from '../core/state.js';
import { leaveLatestOut, type HeldOut } from '../splits/leave-latest-out.js';
import { BLEND_CHECKPOINT_KIND, BlendFit, type BlendFitState, type MemberFactory } from './blend-fit.js';
import {
  readBlendHyperparameters,
  type BlendHyperparameters,
  type BlendMember,
} from './blend-hyperparameters.js';
import { BLEND_KIND, BlendModel, momentsOf, type WeightedModel } from './blend-model.js';
import { learnBlendWeights } from './blend-weights.js';
import type { RecommenderModel } from './recommender-model.js';

const USERS_PER_SLICE = 32;
/** Purpose of a seed derived from the given one; the members' begin with their round. */
const SPLIT = 100;

/**
 * Recommends by several learners together, each counting as much as it helps (stacking).
 *
 * Round one fits every member on all but each user's latest item and learns the weights by ranking that item
 * among sampled negatives, scores being standardized within the user; round two fits the members with
 * weight again on everything. So it costs twice its members. A member's own early stopping works in both rounds.
 * Time and memory are the sums over its members.
 *
 * @see D. H. Wolpert, "Stacked Generalization", Neural Networks 5 (1992), 241–259.
 *
 * @example
 * const learner = new Blend({ members: [{ modelType: 'EASE' }, { modelType: 'IMPLICIT_ALS' }] }, createLearner);
 * const model = await learner.fit(interactions, { seed: 7, kernels });
 */
export class Blend implements Learner<Interactions, BlendModel> {
  readonly kind = BLEND_KIND;
  readonly hyperparameters: BlendHyperparameters;

  /** @throws InvalidParameterError naming the parameter, its range and what was received. */
  constructor(
    hyperparameters: unknown,
    private readonly createMember: MemberFactory,
  ) {
    this.hyperparameters = readBlendHyperparameters(
      hyperparameters,
      (modelType, received) => createMember(modelType, received).hyperparameters,
    );
  }

  /**
   * @throws InvalidDataError when a row is bad or no user has two items to learn the weights from.
   * @throws IncompatibleStateError when `resumeFrom` belongs to another fit.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<BlendModel> {
    context.signal?.throwIfAborted();
    const run = new BlendFit(this.hyperparameters.members, this.createMember, context);
    let state = this.start(context.resumeFrom);
    if (state.weights === undefined) {
      const { training, heldOut } = await leaveLatestOut(interactions, {
        seed: deriveSeed(context.seed, SPLIT),
        negativesPerUser: this.hyperparameters.validationNegatives,
        ...(context.signal && { signal: context.signal }),
      });
      const models = await run.fitMembers(training, state);
      const weights = await learnWeights(models, heldOut, context.signal);
      state = { weights, done: [] };
    }
    const models = await run.fitMembers(interactions, state);
    return new BlendModel(weigh(this.hyperparameters.members, models, state.weights));
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, context: ModelContext): BlendModel {
    expectKind(state, BLEND_KIND);
    const members = readMembers(state).map((member, index): WeightedModel => {
      const memberState = {
        kind: member.kind,
        fitted: member.fitted,
        tensors: tensorsOf(state, `${index}.`),
      };
      const learner = this.createMember(member.modelType);
      return {
        modelType: member.modelType,
        weight: member.weight,
        model: learner.load(memberState, context),
      };
    });
    const sizes = new Set(members.map(({ model }) => `${model.userCount} × ${model.itemCount}`));
    if (sizes.size !== 1)
      throw new IncompatibleStateError(BLEND_KIND, `${BLEND_KIND} of sizes ${[...sizes].join(', ')}`);
    return new BlendModel(members);
  }

  private start(checkpoint: Checkpoint | undefined): BlendFitState {
    if (checkpoint === undefined) return { weights: undefined, done: [] };
    expectKind(checkpoint, BLEND_CHECKPOINT_KIND);
    // the form that BlendFit writes
    const { weights, kinds, fitted } = checkpoint.fitted as {
      readonly weights: readonly number[] | null;
      readonly kinds: readonly string[];
      readonly fitted: readonly ModelState['fitted'][];
    };
    const count = this.hyperparameters.members.length;
    if (kinds.length > count || (weights !== null && weights.length !== count)) {
      throw new IncompatibleStateError(
        `${BLEND_CHECKPOINT_KIND} of ${count} members`,
        `${BLEND_CHECKPOINT_KIND} of ${weights?.length ?? kinds.length}`,
      );
    }
    const done = kinds.map((kind, index) => ({
      kind,
      fitted: fitted[index] ?? {},
      tensors: tensorsOf(checkpoint, `${index}.`),
    }));
    return { weights: weights ?? undefined, done };
  }
}

/** Weights from which of a user's held-out item and negatives was taken. Shape (models). */
async function learnWeights(
  models: readonly RecommenderModel[],
  heldOut: HeldOut,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { users, items, timestamps, negatives, offsets: negativeOffsets } = heldOut;
  const members = models.length;
  const offsets = Int32Array.from(negativeOffsets, (offset, index) => offset + index);
  const scores = new Float32Array(offsets.at(-1)! * members); // offsets has an entry more than users
  const all = new Float32Array(models[0]!.itemCount); // a blend has at least two members
  const scoreUsers = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const others = negatives.subarray(negativeOffsets[index], negativeOffsets[index + 1]);
      models.forEach((model, member) => {
        const { mean, deviation } = momentsOf(model.scoreAll(users[index]!, all, timestamps?.[index]));
        const standardize = (item: number): number => (deviation > 0 ? (all[item]! - mean) / deviation : 0);
        const start = offsets[index]! * members + member;
        scores[start] = standardize(items[index]!);
        others.forEach((item, place) => {
          scores[start + (place + 1) * members] = standardize(item);
        });
      });
    }
  };
  await runInSlices(users.length, USERS_PER_SLICE, scoreUsers, signal);
  return [...(await learnBlendWeights({ members, scores, offsets }, signal))];
}

/** Members of the second round with their weights. */
function weigh(
  members: readonly BlendMember[],
  models: readonly RecommenderModel[],
  weights: readonly number[] = [],
): WeightedModel[] {
  const kept = members.flatMap(({ modelType }, index) =>
    weights[index] === 0 ? [] : [{ modelType, weight: weights[index] ?? 0 }],
  );
  return kept.map((member, index) => ({ ...member, model: models[index]! })); // one model a kept member
}

interface SavedMember {
  readonly modelType: string;
  readonly weight: number;
  readonly kind: string;
  readonly fitted: ModelState['fitted'];
}

function readMembers({ kind, fitted }: ModelState): readonly SavedMember[] {
  const { members } = fitted;
  if (!Array.isArray(members) || members.length === 0 || !members.every(isSavedMember)) {
    throw new IncompatibleStateError(kind, `${kind} without valid members`);
  }
  return members;
}

function isSavedMember(value: unknown): value is SavedMember {
  if (typeof value !== 'object' || value === null) return false;
  const { modelType, weight, kind, fitted } = value as Partial<Record<keyof SavedMember, unknown>>;
  const isNamed = typeof modelType === 'string' && typeof kind === 'string';
  return (
    isNamed && typeof weight === 'number' && weight >= 0 && typeof fitted === 'object' && fitted !== null
  );
}

/** Tensors whose names begin with `prefix`, without it. */
function tensorsOf({ tensors }: ModelState, prefix: string): Record<string, Float32Array> {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
