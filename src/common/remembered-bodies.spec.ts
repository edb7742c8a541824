import { describe, expect, it } from '@jest/globals';

import { MalformedJsonError } from './http.errors.js';
import { RememberedBodies } from './remembered-bodies.js';

describe('RememberedBodies', () => {
  it('gives the same frozen object for the same text', () => {
    const bodies = new RememberedBodies();
    const first = bodies.parse('{"a":{"b":[1]}}') as { a: { b: number[] } };
    expect(bodies.parse('{"a":{"b":[1]}}')).toBe(first);
    expect(bodies.parse('{"a":{"b":[2]}}')).not.toBe(first);
    expect(Object.isFrozen(first) && Object.isFrozen(first.a) && Object.isFrozen(first.a.b)).toBe(true);
  });

  it('does not remember what is long, and refuses what is no JSON every time', () => {
    const bodies = new RememberedBodies();
    const long = JSON.stringify({ text: 'x'.repeat(3000) });
    expect(bodies.parse(long)).not.toBe(bodies.parse(long));
    expect(() => bodies.parse('{')).toThrow(MalformedJsonError);
    expect(() => bodies.parse('{')).toThrow(MalformedJsonError);
  });

  it('stays small however many texts come', () => {
    const bodies = new RememberedBodies();
    const first = bodies.parse('{"n":-1}');
    for (let n = 0; n < 5000; n += 1) bodies.parse(`{"n":${n}}`);
    expect(bodies.parse('{"n":-1}')).not.toBe(first);
    expect(bodies.parse('{"n":-1}')).toEqual({ n: -1 });
  });
});
