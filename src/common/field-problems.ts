import { getMetadataStorage, type ValidationError } from 'class-validator';

import { describeValue } from './describe-value.js';
import type { FieldProblem } from './http.errors.js';

/** Says of each broken rule which field it is about, what was expected and what was received. */
export function toFieldProblems(
  errors: readonly ValidationError[],
  place: FieldProblem['in'],
  parent = '',
): readonly FieldProblem[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [...ownProblems(error, pointer, place), ...toFieldProblems(error.children ?? [], place, pointer)];
  });
}

function ownProblems(error: ValidationError, pointer: string, place: FieldProblem['in']): FieldProblem[] {
  const { constraints = {}, value, target } = error;
  const rules = Object.entries(constraints);
  if (rules.length === 0) return [];
  const isUnknown = 'whitelistValidation' in constraints;
  const expected = isUnknown
    ? `no such field (known: ${knownFields(target).join(', ')})`
    : rules.map(([, message]) => toExpectation(message, error.property)).join(' and ');
  const received = describeValue(value);
  const message = `\`${pointer}\` must be ${expected}; received ${received}.`;
  return [
    {
      in: place,
      pointer,
      expected,
      received,
      message: isUnknown
        ? `\`${pointer}\` is not a field of the request; known are ${knownFields(target).join(', ')}.`
        : message,
    },
  ];
}

/** class-validator says "epochs must be an integer number"; what was expected is the end of it. */
function toExpectation(message: string, property: string): string {
  const each = message.startsWith('each value in ') ? 'a list in which each value is ' : '';
  const rest = message
    .replace(/^each value in /, '')
    .replace(new RegExp(`^${escapePattern(property)} `), '')
    .replace(/^(?:must|should) (?:be )?/, '')
    .replace('one of the following values: ', 'one of ')
    .replace(/^not be /, 'not ');
  return each + rest;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function knownFields(target: object | undefined): readonly string[] {
  if (target === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))].sort();
}
