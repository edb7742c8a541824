import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import { distanceKm, localityWeight } from './locality.js';

const BERLIN = { latitude: 52.52, longitude: 13.405 };
const PARIS = { latitude: 48.8566, longitude: 2.3522 };

describe('distanceKm', () => {
  it('is a quarter of the circumference from the pole to the equator', () => {
    // π/2 · 6371.0088 km
    expect(distanceKm({ latitude: 90, longitude: 0 }, { latitude: 0, longitude: 77 })).toBeCloseTo(
      10_007.557,
      2,
    );
  });

  it('agrees with the spherical law of cosines', () => {
    const [a, b] = [BERLIN, PARIS].map(({ latitude, longitude }) => ({
      latitude: (latitude * Math.PI) / 180,
      longitude: (longitude * Math.PI) / 180,
    })) as [typeof BERLIN, typeof BERLIN];
    const cosine =
      Math.sin(a.latitude) * Math.sin(b.latitude) +
      Math.cos(a.latitude) * Math.cos(b.latitude) * Math.cos(a.longitude - b.longitude);
    expect(distanceKm(BERLIN, PARIS)).toBeCloseTo(6371.0088 * Math.acos(cosine), 6);
  });

  it('is short across the date line', () => {
    const distance = distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 });
    expect(distance).toBeCloseTo(111.195, 2);
  });

  it('is 0 at the same place', () => {
    expect(distanceKm(BERLIN, BERLIN)).toBe(0);
  });
});

describe('localityWeight', () => {
  it('is 1 next door, has lost 1/e of its bonus after one scale, and ends at one half', () => {
    expect(localityWeight(0, 50)).toBe(1);
    expect(localityWeight(50, 50)).toBeCloseTo(0.5 + 0.5 / Math.E, 12);
    expect(localityWeight(1e6, 50)).toBe(0.5);
  });

  it('takes as much notice of distance as its weight says', () => {
    expect(localityWeight(1e6, 50, 0)).toBe(1);
    expect(localityWeight(1e6, 50, 1)).toBe(0);
    expect(localityWeight(50, 50, 0.2)).toBeCloseTo(0.8 + 0.2 / Math.E, 12);
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses the weight %d', (weight) => {
    expect(() => localityWeight(1, 50, weight)).toThrow(InvalidParameterError);
  });

  it.each([0, -1, Number.NaN])('refuses the scale %d', (scale) => {
    expect(() => localityWeight(1, scale)).toThrow(InvalidParameterError);
  });
});
