import { Readable } from 'node:stream';

import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

import { describeValue } from './describe-value.js';
import { toFieldProblems } from './field-problems.js';
import { UnsupportedMediaTypeError, ValidationFailedError, type FieldProblem } from './http.errors.js';
import { deepFreeze, isSmall } from './small-value.js';

type RequestClass = new () => object;

/** Texts longer than this are not remembered. */
const LONGEST_REMEMBERED = 2048;
const MOST_REMEMBERED = 4096;

/**
 * Checks bodies and queries against the class-validator rules of their class.
 *
 * Unknown fields are refused. Validation costs about 65 µs, as much as the rest of a request, so the
 * last valid requests of up to 2 KB are remembered by class and JSON text: the same text gives the same
 * instance again, deeply frozen. Whoever wants to change a request copies it first.
 */
export class RequestValidationPipe implements PipeTransform {
  /** By the body itself: the same text is the same object, see RememberedBodies. */
  private readonly ofBody = new WeakMap<object, Map<RequestClass, object>>();
  private readonly remembered = new Map<RequestClass, Map<string, object>>();
  private size = 0;

  /** @throws ValidationFailedError naming each field, what was expected and what was received. */
  transform(value: unknown, { metatype, type, data }: ArgumentMetadata): unknown {
    if (!isRequestClass(metatype) || type === 'custom' || data !== undefined) return value;
    const place = type === 'param' ? 'path' : type;
    if (!isPlainObject(value)) throw notAnObject(value, place);

    const ofBody = this.ofBody.get(value)?.get(metatype);
    if (ofBody !== undefined) return ofBody;
    const text = isSmall(value, LONGEST_REMEMBERED) ? JSON.stringify(value) : undefined;
    if (text === undefined || text.length > LONGEST_REMEMBERED) return validate(metatype, value, place);
    const known = this.remembered.get(metatype)?.get(text);
    if (known !== undefined) return this.rememberBody(metatype, value, known);

    const instance = deepFreeze(validate(metatype, value, place));
    this.remember(metatype, text, instance);
    return this.rememberBody(metatype, value, instance);
  }

  private rememberBody(metatype: RequestClass, body: object, instance: object): object {
    // a frozen body cannot become another one meanwhile
    if (Object.isFrozen(body)) {
      const known = this.ofBody.get(body) ?? new Map<RequestClass, object>();
      this.ofBody.set(body, known.set(metatype, instance));
    }
    return instance;
  }

  private remember(metatype: RequestClass, text: string, instance: object): void {
    // dropping all of them now and then is cheaper than keeping an order at every hit
    if (this.size >= MOST_REMEMBERED) {
      this.remembered.clear();
      this.size = 0;
    }
    const ofClass = this.remembered.get(metatype) ?? new Map<string, object>();
    this.remembered.set(metatype, ofClass.set(text, instance));
    this.size += 1;
  }
}

function validate(metatype: RequestClass, value: object, place: FieldProblem['in']): object {
  try {
    const instance = plainToInstance(metatype, value);
    const errors = validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: true, value: true },
    });
    if (errors.length > 0) throw new ValidationFailedError(toFieldProblems(errors, place));
    return instance;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // the stack ran out: only a value nested many thousand times does that
    throw refusalOf(place, 'a value that is not nested thousands of times', 'a deeper one');
  }
}

/** Classes of this project carry rules; String, Number, Object and the like do not. */
function isRequestClass(metatype: unknown): metatype is RequestClass {
  return (
    typeof metatype === 'function' &&
    ![String, Number, Boolean, Array, Object, Date, Buffer].includes(metatype as never)
  );
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Readable);
}

function notAnObject(value: unknown, place: FieldProblem['in']): Error {
  // bodies of streaming types reach only the routes that read streams
  if (value instanceof Readable) return new UnsupportedMediaTypeError('a stream of lines');
  const expected = place === 'body' ? 'a JSON object, sent as application/json' : 'parameters';
  return refusalOf(place, expected, describeValue(value ?? undefined));
}

function refusalOf(place: FieldProblem['in'], expected: string, received: string): ValidationFailedError {
  const message = `The ${place} must be ${expected}; received ${received}.`;
  return new ValidationFailedError([{ in: place, pointer: '', expected, received, message }]);
}
