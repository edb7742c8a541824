import 'reflect-metadata';

import { Readable } from 'node:stream';

import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsString, Validate, ValidateNested, ValidatorConstraint } from 'class-validator';

import { UnsupportedMediaTypeError, ValidationFailedError } from './http.errors.js';
import { RequestValidationPipe } from './request-validation.pipe.js';

let validations = 0;

@ValidatorConstraint()
class Counting {
  validate(): boolean {
    validations += 1;
    return true;
  }
}

class Inner {
  @IsInt()
  readonly count!: number;
}

class Outer {
  @IsString()
  @Validate(Counting)
  readonly name!: string;

  @ValidateNested()
  @Type(() => Inner)
  readonly inner!: Inner;
}

class Twin {
  @IsInt()
  readonly count!: number;
}

const body = { type: 'body', metatype: Outer, data: undefined } as const;
const valid = (name = 'a'): object => ({ name, inner: { count: 1 } });

describe('RequestValidationPipe', () => {
  it('validates the same body once and gives the same frozen instance again', () => {
    const pipe = new RequestValidationPipe();
    validations = 0;
    const first = pipe.transform(valid(), body) as Outer;
    const second = pipe.transform(valid(), body) as Outer;
    expect(validations).toBe(1);
    expect(second).toBe(first);
    expect(first).toBeInstanceOf(Outer);
    expect(first.inner).toBeInstanceOf(Inner);
    expect(() => Object.assign(first, { name: 'b' })).toThrow(TypeError);
    expect(() => Object.assign(first.inner, { count: 2 })).toThrow(TypeError);
  });

  it('leaves what it was given unfrozen', () => {
    const given = valid();
    new RequestValidationPipe().transform(given, body);
    expect(Object.isFrozen(given)).toBe(false);
  });

  it('keeps bodies apart by text and by class', () => {
    const pipe = new RequestValidationPipe();
    expect(pipe.transform(valid('b'), body)).not.toBe(pipe.transform(valid('a'), body));
    const inner = pipe.transform({ count: 1 }, { ...body, metatype: Inner });
    const twin = pipe.transform({ count: 1 }, { ...body, metatype: Twin });
    expect(inner).toBeInstanceOf(Inner);
    expect(twin).toBeInstanceOf(Twin);
  });

  it('does not remember what it refused', () => {
    const pipe = new RequestValidationPipe();
    const refused = (): unknown => pipe.transform({ ...valid(), extra: 1 }, body);
    expect(refused).toThrow(ValidationFailedError);
    expect(refused).toThrow(ValidationFailedError);
  });

  it.each([
    // {"name":"…","inner":{"count":1}} is the name and 31 characters more
    [2048 - 31, 1],
    [2048 - 30, 2],
  ])('remembers texts of up to 2048 characters: a name of %i is validated %i times', (length, times) => {
    const pipe = new RequestValidationPipe();
    validations = 0;
    const name = 'x'.repeat(length);
    pipe.transform(valid(name), body);
    pipe.transform(valid(name), body);
    expect(validations).toBe(times);
  });

  it('forgets all when it holds 4096, and goes on', () => {
    const pipe = new RequestValidationPipe();
    const first = pipe.transform(valid('0'), body);
    for (let i = 1; i <= 4096; i += 1) pipe.transform(valid(String(i)), body);
    const again = pipe.transform(valid('0'), body);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('passes what has no rules: primitives, untyped objects and the values of decorators', () => {
    const pipe = new RequestValidationPipe();
    expect(pipe.transform('7', { type: 'param', metatype: String, data: 'id' })).toBe('7');
    const untyped = { any: 'thing' };
    expect(pipe.transform(untyped, { type: 'body', metatype: Object, data: undefined })).toBe(untyped);
    expect(pipe.transform(untyped, { type: 'custom', metatype: Outer, data: undefined })).toBe(untyped);
  });

  it('refuses a stream and anything else that is no object', () => {
    const pipe = new RequestValidationPipe();
    expect(() => pipe.transform(Readable.from(['{}']), body)).toThrow(UnsupportedMediaTypeError);
    expect(() => pipe.transform([valid()], body)).toThrow('received a list of 1');
    expect(() => pipe.transform(undefined, body)).toThrow('received nothing');
  });
});
