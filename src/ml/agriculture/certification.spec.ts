import { describe, expect, it } from '@jest/globals';

import { isCertified, validCertification } from './certification.js';

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

describe('validCertification', () => {
  it('is the one that holds longest on that day', () => {
    const longer = { kind: 'organic', body: 'B', validUntil: '2026-06-30' };
    const endless = { kind: 'organic', body: 'C' };
    const later = { kind: 'organic', body: 'D', validFrom: '2027-01-01', validUntil: '2040-01-01' };
    expect(validCertification([organic, longer, later], 'organic', '2025-06-01')).toBe(longer);
    expect(validCertification([longer, endless, organic], 'organic', '2025-06-01')).toBe(endless);
    expect(validCertification([organic, longer], 'organic', '2026-07-01')).toBeUndefined();
    expect(validCertification([organic], 'biodynamic', '2025-06-01')).toBeUndefined();
  });
});
