import { describe, expect, it } from '@jest/globals';

import { ForbiddenKeyError, MalformedJsonError } from './http.errors.js';
import { parseJsonBody } from './json-body.js';

function faultOf(text: string): MalformedJsonError['extensions'] {
  try {
    parseJsonBody(text);
  } catch (error) {
    if (error instanceof MalformedJsonError) return error.extensions;
    throw error;
  }
  throw new Error(`${text} is JSON`);
}

describe('parseJsonBody', () => {
  it('reads JSON, with or without a byte order mark, and nothing from nothing', () => {
    expect(parseJsonBody('{"a":[1,true,null,"ü"]}')).toEqual({ a: [1, true, null, 'ü'] });
    expect(parseJsonBody('\ufeff{}')).toEqual({});
    expect(parseJsonBody('')).toBeUndefined();
  });

  it.each<[string, number, string, string]>([
    ['{"a":1', 6, '"," or "}"', 'the end of the body'],
    ['[1 2]', 3, '"," or "]"', '"2"'],
    ['{"a" 1}', 5, '":"', '"1"'],
    ["{'a':1}", 1, 'a key in double quotes', `"'"`],
    ['{"a":1,}', 7, 'a key in double quotes', '"}"'],
    ['[1,]', 3, 'a JSON value', '"]"'],
    ['{"a":NaN}', 5, 'a JSON value', '"N"'],
    ['{} x', 3, 'the end of the body', '"x"'],
    ['   ', 3, 'a JSON value', 'the end of the body'],
    [
      '{"a":"b\nc"}',
      7,
      'a string that ends with a double quote, control characters escaped',
      String.raw`"\n"`,
    ],
    ['["a', 3, 'a string that ends with a double quote, control characters escaped', 'the end of the body'],
    ['[01]', 2, '"," or "]"', '"1"'],
    ['[{"a":{}},😀]', 10, 'a JSON value', '"😀"'],
  ])('says where %j stops being JSON', (text, position, expected, received) => {
    expect(faultOf(text)).toMatchObject({ position, expected, received });
  });

  it('counts lines and columns from 1', () => {
    expect(faultOf('{\n  "a": 1\n  "b": 2\n}')).toMatchObject({ line: 3, column: 3, position: 13 });
  });

  it('survives a text nested as deeply as its sender likes', () => {
    expect(faultOf('['.repeat(500_000))).toMatchObject({ position: 500_000 });
  });

  it.each([
    '{"__proto__":1}',
    '[{"a":{"__proto__":{}}}]',
    '{"constructor":{"prototype":1}}',
    String.raw`{"__pr\u006fto__":1}`,
  ])('refuses %s', (text) => {
    expect(() => parseJsonBody(text)).toThrow(ForbiddenKeyError);
  });

  it('lets the same words pass where they do no harm', () => {
    expect(parseJsonBody('{"name":"__proto__","constructor":"Ada"}')).toEqual({
      name: '__proto__',
      constructor: 'Ada',
    });
  });
});
