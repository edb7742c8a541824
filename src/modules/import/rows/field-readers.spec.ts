import { describe, expect, it } from '@jest/globals';

import { flag, id, integer, jsonObject, number, time } from './field-readers.js';
import { certifications, currency, months, price, quantity, toMinorUnits } from './market-readers.js';

describe('field readers', () => {
  it.each([
    ['2026-06-01', '2026-06-01T00:00:00.000Z'],
    ['2026-06-01T08:00', '2026-06-01T08:00:00.000Z'],
    ['2026-06-01 08:00:30.5+02', '2026-06-01T06:00:30.500Z'],
    ['2026-06-01T08:00:00-0530', '2026-06-01T13:30:00.000Z'],
    ['881250949', '1997-12-04T15:55:49.000Z'],
    [881250949, '1997-12-04T15:55:49.000Z'],
    ['881250949.5', '1997-12-04T15:55:49.500Z'],
    [1777000000000, '2026-04-24T03:06:40.000Z'],
    [99_999_999_999, undefined],
    ['2026-02-31', undefined],
    ['2026-13-01', undefined],
    ['01/06/2026', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [true, undefined],
  ])('reads the time %s as %s', (value, expected) => {
    expect(time.read(value)).toBe(expected);
  });

  it.each([
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '1,5',
    ' 1',
    '',
    Number.NaN,
    Infinity,
    null,
    [1],
    '1e999',
  ])('takes %p for no number', (value) => {
    expect(number('a number', () => true).read(value)).toBeUndefined();
  });

  it.each([
    ['0', undefined],
    ['0.0004', undefined],
    [0.001, 0.001],
    ['2.5', 2.5],
    [-1, undefined],
  ])('reads the quantity %p as %p', (value, expected) => {
    expect(quantity.read(value)).toBe(expected);
  });

  it.each([
    ['x', 'x'],
    [42, '42'],
    ['', undefined],
    ['a\u0000', undefined],
    ['\ud800', undefined],
    ['x'.repeat(201), undefined],
  ])('reads the id %j as %j', (value, expected) => {
    expect(id.read(value)).toBe(expected);
  });

  it('reads flags, bounded integers and objects', () => {
    expect(['TRUE', '0', false, 'yes'].map((value) => flag.read(value))).toEqual([
      true,
      false,
      false,
      undefined,
    ]);
    expect(['1', 13, 2.5].map((value) => integer(1, 12).read(value))).toEqual([1, undefined, undefined]);
    expect(['{"a":1}', '[1]', { a: '\u0000' }].map((value) => jsonObject.read(value))).toEqual([
      { a: 1 },
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['3.5', 'EUR', 350],
    ['3.50', 'EUR', 350],
    ['0.07', 'USD', 7],
    ['1.005', 'EUR', undefined],
    ['1.0050', 'KWD', 1005],
    ['120', 'JPY', 120],
    ['120.5', 'JPY', undefined],
    ['99999999', 'EUR', undefined],
  ])('%s %s are %p minor units', (amount, code, minor) => {
    expect(toMinorUnits(amount, code)).toBe(minor);
  });

  it('refuses prices that are none and currencies that do not exist', () => {
    expect([3.5, '3,50', '-1', '1e3', 'free'].map((value) => price.read(value))).toEqual([
      '3.5',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(['EUR', 'eur', 'XXQ'].map((value) => currency.read(value))).toEqual(['EUR', undefined, undefined]);
  });

  it('reads months and certifications from text and from JSON', () => {
    expect(['5;6; 7', '[12,1,1]', [], '13', 'May'].map((value) => months.read(value))).toEqual([
      [5, 6, 7],
      [1, 12],
      [],
      undefined,
      undefined,
    ]);
    const organic = { kind: 'organic', validUntil: '2027-01-31' };
    expect(certifications.read(JSON.stringify([organic]))).toEqual([organic]);
    expect(certifications.read([{ ...organic, validUntil: 'soon' }])).toBeUndefined();
    expect(certifications.read([{ number: '1' }])).toBeUndefined();
  });
});
