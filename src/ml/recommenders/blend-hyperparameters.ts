import { InvalidParameterError } from '../core/errors.js';

/** One learner of a blend. */
export interface BlendMember {
  /** Model type, as in `learners.ts`; not a blend. */
  readonly modelType: string;
  /** Complete: what was not given has the default of its learner. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
}

/** What a fit of a blend can be told. */
export interface BlendHyperparameters {
  /** 2 to 8 learners whose scores are added up. @default EASE, iALS and NeuMF with their defaults */
  readonly members: readonly BlendMember[];
  /** Negatives that the weights are learned against, a user, integer in 10 … 1000. @default 99 */
  readonly validationNegatives: number;
}

const MIN_MEMBERS = 2;
const MAX_MEMBERS = 8;
const DEFAULT_MEMBERS: readonly { readonly modelType: string }[] = [
  { modelType: 'EASE' },
  { modelType: 'IMPLICIT_ALS' },
  { modelType: 'NEURAL_COLLABORATIVE_FILTERING' },
];
const DEFAULT_NEGATIVES = 99;

/**
 * Checks hyperparameters that come from outside and fills in the defaults, those of the members too.
 *
 * @param received An object with any of the names of `BlendHyperparameters`, or `undefined`.
 * @param complete Completes the hyperparameters of a member; throws for a type that may not be one.
 * @throws InvalidParameterError naming the parameter (`members[1].factors`), what was expected and what received.
 */
export function readBlendHyperparameters(
  received: unknown,
  complete: (modelType: string, hyperparameters: unknown) => object,
): BlendHyperparameters {
  const {
    members = DEFAULT_MEMBERS,
    validationNegatives = DEFAULT_NEGATIVES,
    ...unknown
  } = objectOf('hyperparameters', received ?? {});
  const [unknownName] = Object.keys(unknown);
  if (unknownName !== undefined) {
    const expected = 'absent: known are members, validationNegatives';
    throw new InvalidParameterError(unknownName, expected, unknown[unknownName]);
  }
  if (!Array.isArray(members) || members.length < MIN_MEMBERS || members.length > MAX_MEMBERS) {
    throw new InvalidParameterError(
      'members',
      `an array of ${MIN_MEMBERS} to ${MAX_MEMBERS} learners`,
      members,
    );
  }
  if (
    typeof validationNegatives !== 'number' ||
    !Number.isInteger(validationNegatives) ||
    validationNegatives < 10 ||
    validationNegatives > 1000
  ) {
    throw new InvalidParameterError('validationNegatives', 'an integer from 10 to 1000', validationNegatives);
  }
  return {
    members: members.map((member: unknown, index) => readMember(`members[${index}]`, member, complete)),
    validationNegatives,
  };
}

function readMember(
  name: string,
  received: unknown,
  complete: (modelType: string, hyperparameters: unknown) => object,
): BlendMember {
  const { modelType, hyperparameters, ...unknown } = objectOf(name, received);
  const [unknownName] = Object.keys(unknown);
  if (unknownName !== undefined) {
    const expected = 'absent: known are modelType, hyperparameters';
    throw new InvalidParameterError(`${name}.${unknownName}`, expected, unknown[unknownName]);
  }
  if (typeof modelType !== 'string') {
    throw new InvalidParameterError(`${name}.modelType`, 'the name of a model type', modelType);
  }
  try {
    return { modelType, hyperparameters: { ...complete(modelType, hyperparameters) } };
  } catch (error) {
    if (!(error instanceof InvalidParameterError)) throw error;
    throw new InvalidParameterError(`${name}.${error.parameter}`, error.expected, error.received);
  }
}

function objectOf(name: string, received: unknown): Readonly<Record<string, unknown>> {
  if (typeof received !== 'object' || received === null || Array.isArray(received)) {
    throw new InvalidParameterError(name, 'an object', received);
  }
  return received as Readonly<Record<string, unknown>>; // an object that is no array
}
