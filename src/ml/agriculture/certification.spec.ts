import { describe, expect, it } from '@jest/globals';

import { isCertified } from './certification.js';

const organic = { kind: 'organic', number: 'DE-ÖKO-006', validFrom: '2025-01-01', validUntil: '2025-12-31' };

describe('isCertified', () => {
  it.each([
    ['2024-12-31', false],
    ['2025-01-01', true],
    ['2025-12-31', true],
    ['2026-01-01', false],
  ])('on %s is %s for the year 2025', (day, expected) => {
    expect(isCertified([organic], 'organic', day)).toBe(expected);
  });

  it('counts any of several, and only those of the kind', () => {
    const certifications = [organic, { kind: 'BIODYNAMIC', validFrom: '2026-01-01' }];
    expect(isCertified(certifications, 'biodynamic', '2030-05-05')).toBe(true);
    expect(isCertified(certifications, 'organic', '2030-05-05')).toBe(false);
    expect(isCertified([], 'organic', '2025-06-01')).toBe(false);
  });

  it('reads times of day as their day', () => {
    const timed = { kind: 'organic', validUntil: '2025-06-30T00:00:00.000Z' };
    expect(isCertified([timed], 'organic', '2025-06-30')).toBe(true);
  });
});
