import { InvalidParameterError } from '../core/errors.js';

/** A point on the Earth, in degrees: latitude −90 … 90, longitude −180 … 180. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_RADIUS_KM = 6371.0088;

/** Great-circle distance in kilometres (haversine formula on a sphere of the mean radius). */
export function distanceKm(a: Place, b: Place): number {
  const halfNorth = Math.sin(radians(b.latitude - a.latitude) / 2);
  const halfEast = Math.sin(radians(b.longitude - a.longitude) / 2);
  const chord =
    halfNorth ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * halfEast ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Part of a score that nearness decides when nothing else is asked for. */
export const DEFAULT_LOCALITY_WEIGHT = 0.5;

/**
 * Weighs a score by nearness: 1 next door, falling exponentially to 1 − ω far away, so that what a user likes very
 * much is still found at a distance.
 *
 * w = (1 − ω) + ω·e^(−d/ℓ)
 *
 * @param distance d ≥ 0, kilometres.
 * @param scale ℓ > 0, kilometres: the distance at which the bonus has fallen to 1/e.
 * @param weight ω in [0, 1]. 0 takes no notice of distance; 1 leaves nothing of what is far away.
 * @throws InvalidParameterError when the scale is not above 0 or the weight not in [0, 1].
 */
export function localityWeight(distance: number, scale: number, weight = DEFAULT_LOCALITY_WEIGHT): number {
  if (!(scale > 0)) throw new InvalidParameterError('scale', '> 0', scale);
  if (!(weight >= 0 && weight <= 1)) throw new InvalidParameterError('weight', 'in [0, 1]', weight);
  return 1 - weight + weight * Math.exp(-distance / scale);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
