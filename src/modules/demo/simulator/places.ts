import { drawNormal, type Random } from '../../../ml/core/random.js';
import type { Place } from './marketplace.types.js';

interface Town extends Place {
  readonly name: string;
}

/** Market towns of the north-eastern United States. */
export const TOWNS: readonly Town[] = [
  { name: 'Ithaca, NY', latitude: 42.444, longitude: -76.502 },
  { name: 'Burlington, VT', latitude: 44.476, longitude: -73.212 },
  { name: 'Northampton, MA', latitude: 42.325, longitude: -72.641 },
  { name: 'Hudson, NY', latitude: 42.253, longitude: -73.791 },
  { name: 'Lancaster, PA', latitude: 40.038, longitude: -76.306 },
  { name: 'Concord, NH', latitude: 43.208, longitude: -71.538 },
  { name: 'Princeton, NJ', latitude: 40.357, longitude: -74.667 },
  { name: 'Cooperstown, NY', latitude: 42.701, longitude: -74.924 },
];

const KM_PER_DEGREE = 111.195;

/** Draws a point around `center`, normally distributed with `deviationKm` in each direction. */
export function scatter(center: Place, deviationKm: number, random: Random): Place {
  const north = (drawNormal(random) * deviationKm) / KM_PER_DEGREE;
  const east = (drawNormal(random) * deviationKm) / (KM_PER_DEGREE * Math.cos(radians(center.latitude)));
  return { latitude: round(center.latitude + north), longitude: round(center.longitude + east) };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Five decimals are a metre: what a shop would store. */
function round(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}
