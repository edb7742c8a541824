import { drawBelow, type Random } from '../../../ml/core/random.js';

const FARM_FIRST =
  'Hillcrest,Willow Creek,Stone Barn,Red Oak,Meadowlark,Harvest Moon,Fox Hollow,Sugar Maple,Blue Heron,Old Mill,' +
  'Quiet Valley,Copper Kettle,Black Locust,Sunrise,Windy Ridge,Clover Hill,Morning Star,Apple Gate,Long Pond,Cedar Grove';
const FARM_SECOND = 'Farm,Orchard,Acres,Gardens,Homestead,Farmstead,Pastures,Fields';
const PEOPLE =
  'Ada,Amara,Amelia,Andrew,Anna,Ben,Carla,Carlos,Chloe,Daniel,Diego,Elena,Eli,Emma,Ethan,Fatima,Felix,Grace,Hana,' +
  'Henry,Ines,Isaac,Ivy,James,Jonas,Julia,Kai,Leila,Leo,Lucas,Lucy,Maria,Marcus,Mei,Mia,Miguel,Nadia,Nina,Noah,' +
  'Nora,Oliver,Omar,Priya,Rosa,Ruth,Samuel,Sofia,Theo,Tomas,Vera,Yusuf,Zoe';

/** All farm names, in a fixed order that mixes first and second words; later rounds get a number. */
export function farmName(index: number): string {
  const first = FARM_FIRST.split(',');
  const second = FARM_SECOND.split(',');
  const round = Math.floor(index / (first.length * second.length));
  const name = `${first[index % first.length]} ${second[(index + Math.floor(index / first.length)) % second.length]}`;
  return round === 0 ? name : `${name} ${round + 1}`;
}

export function personName(random: Random): string {
  const people = PEOPLE.split(',');
  return people[drawBelow(random, people.length)] ?? 'Ada';
}
