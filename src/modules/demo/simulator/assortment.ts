/** Name, unit, usual price in cents, first and last month of sale (1 to 12 is all year), shelf life in days. */
type Row = readonly [string, string, number, number, number, number];

export interface ProductTemplate {
  readonly name: string;
  readonly category: string;
  readonly unit: string;
  readonly priceMinor: number;
  readonly seasonMonths: readonly number[];
  readonly shelfLifeDays: number;
}

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  VEGETABLES: [
    ['Rainbow chard', 'bunch', 350, 5, 11, 6],
    ['Lacinato kale', 'bunch', 325, 6, 12, 7],
    ['Baby spinach', 'bag', 450, 4, 6, 6],
    ['Butterhead lettuce', 'head', 300, 5, 10, 7],
    ['Arugula', 'bag', 400, 4, 10, 5],
    ['Asparagus', 'bunch', 550, 4, 6, 5],
    ['Sugar snap peas', 'kg', 1100, 5, 7, 6],
    ['Heirloom tomatoes', 'kg', 900, 7, 10, 7],
    ['Sungold cherry tomatoes', 'box', 500, 7, 10, 6],
    ['Sweet corn', 'dozen', 700, 7, 9, 4],
    ['Zucchini', 'kg', 400, 6, 9, 8],
    ['Pickling cucumbers', 'kg', 450, 6, 9, 9],
    ['Green beans', 'kg', 700, 6, 9, 7],
    ['Bell peppers', 'kg', 800, 7, 10, 12],
    ['Japanese eggplant', 'kg', 700, 7, 10, 10],
    ['Nantes carrots', 'bunch', 300, 6, 12, 25],
    ['Chioggia beets', 'bunch', 325, 6, 12, 30],
    ['Hakurei turnips', 'bunch', 325, 5, 11, 14],
    ['French breakfast radishes', 'bunch', 275, 4, 10, 10],
    ['Broccoli', 'head', 375, 6, 11, 8],
    ['Purple cauliflower', 'head', 475, 7, 11, 10],
    ['Savoy cabbage', 'head', 400, 7, 2, 40],
    ['Brussels sprouts', 'kg', 750, 9, 1, 14],
    ['Leeks', 'bunch', 450, 9, 3, 20],
    ['Yellow onions', 'kg', 280, 8, 4, 90],
    ['Garlic', 'piece', 150, 7, 3, 150],
    ['Fingerling potatoes', 'kg', 550, 7, 4, 60],
    ['Butternut squash', 'piece', 500, 9, 2, 90],
    ['Sugar pumpkins', 'piece', 550, 9, 11, 60],
    ['Shiitake mushrooms', 'box', 800, 1, 12, 8],
  ],
  FRUITS: [
    ['Strawberries', 'box', 600, 5, 7, 3],
    ['Blueberries', 'box', 650, 7, 8, 8],
    ['Raspberries', 'box', 650, 6, 9, 2],
    ['Sweet cherries', 'kg', 1200, 6, 7, 5],
    ['Yellow peaches', 'kg', 750, 7, 9, 5],
    ['Italian plums', 'kg', 650, 8, 9, 7],
    ['Bartlett pears', 'kg', 600, 8, 11, 12],
    ['Concord grapes', 'kg', 800, 8, 10, 7],
    ['Honeycrisp apples', 'kg', 650, 9, 3, 60],
    ['Gala apples', 'kg', 500, 8, 2, 60],
    ['Cider apples', 'kg', 350, 9, 12, 45],
    ['Cantaloupe', 'piece', 500, 7, 9, 7],
    ['Watermelon', 'piece', 700, 7, 9, 10],
    ['Rhubarb', 'bunch', 450, 4, 6, 10],
  ],
  DAIRY: [
    ['Whole milk', 'bottle', 450, 1, 12, 10],
    ['Cultured butter', 'piece', 750, 1, 12, 45],
    ['Plain yogurt', 'jar', 550, 1, 12, 21],
    ['Fresh mozzarella', 'piece', 800, 1, 12, 7],
    ['Aged cheddar', 'piece', 950, 1, 12, 120],
    ['Goat cheese', 'piece', 850, 3, 11, 21],
    ['Blue cheese', 'piece', 1000, 1, 12, 60],
    ['Kefir', 'bottle', 600, 1, 12, 21],
  ],
  MEAT: [
    ['Ground beef', 'kg', 1700, 1, 12, 4],
    ['Ribeye steak', 'kg', 3900, 1, 12, 5],
    ['Whole chicken', 'piece', 2200, 5, 12, 5],
    ['Pork chops', 'kg', 1900, 1, 12, 5],
    ['Breakfast sausage', 'pack', 900, 1, 12, 7],
    ['Lamb shoulder', 'kg', 2600, 4, 11, 5],
    ['Smoked bacon', 'pack', 1100, 1, 12, 21],
    ['Heritage turkey', 'piece', 8500, 11, 12, 6],
  ],
  EGGS: [
    ['Pastured chicken eggs', 'dozen', 650, 1, 12, 28],
    ['Large brown eggs', 'dozen', 550, 1, 12, 28],
    ['Duck eggs', 'dozen', 900, 3, 10, 28],
    ['Quail eggs', 'dozen', 700, 3, 10, 21],
  ],
  FLOWERS: [
    ['Tulip bunch', 'bunch', 1200, 4, 5, 6],
    ['Peony stems', 'bunch', 1600, 5, 6, 6],
    ['Sunflower bunch', 'bunch', 1100, 7, 9, 7],
    ['Dahlia bouquet', 'bunch', 1500, 8, 10, 5],
    ['Zinnia bouquet', 'bunch', 1200, 7, 10, 7],
    ['Dried lavender', 'bunch', 900, 7, 12, 180],
    ['Evergreen wreath', 'piece', 3500, 11, 12, 30],
  ],
  HERBS: [
    ['Genovese basil', 'bunch', 300, 6, 9, 5],
    ['Flat-leaf parsley', 'bunch', 250, 5, 11, 8],
    ['Cilantro', 'bunch', 250, 5, 10, 6],
    ['Dill', 'bunch', 250, 5, 9, 6],
    ['Rosemary', 'bunch', 275, 5, 11, 14],
    ['Thyme', 'bunch', 275, 5, 11, 12],
    ['Peppermint', 'bunch', 250, 5, 10, 7],
    ['Dried chamomile', 'bag', 700, 6, 12, 300],
  ],
  BREAD: [
    ['Country sourdough', 'loaf', 800, 1, 12, 4],
    ['Whole wheat loaf', 'loaf', 700, 1, 12, 4],
    ['Seeded rye', 'loaf', 850, 1, 12, 6],
    ['Ciabatta', 'loaf', 550, 1, 12, 2],
    ['Baguette', 'loaf', 400, 1, 12, 1],
    ['Cinnamon rolls', 'pack', 1000, 1, 12, 3],
  ],
  HONEY: [
    ['Wildflower honey', 'jar', 1100, 1, 12, 730],
    ['Clover honey', 'jar', 1000, 1, 12, 730],
    ['Buckwheat honey', 'jar', 1200, 8, 3, 730],
    ['Honeycomb', 'piece', 1600, 7, 11, 365],
  ],
  PRESERVES: [
    ['Strawberry jam', 'jar', 800, 1, 12, 365],
    ['Peach preserves', 'jar', 850, 8, 4, 365],
    ['Dill pickles', 'jar', 900, 1, 12, 365],
    ['Sauerkraut', 'jar', 850, 1, 12, 180],
    ['Kimchi', 'jar', 1000, 1, 12, 120],
    ['Tomato passata', 'jar', 750, 9, 6, 365],
    ['Apple butter', 'jar', 800, 10, 5, 365],
    ['Maple syrup', 'bottle', 1800, 3, 12, 730],
  ],
};

/** What a farm of the region can sell. */
export const TEMPLATES: readonly ProductTemplate[] = Object.entries(ROWS).flatMap(([category, rows]) =>
  rows.map(([name, unit, priceMinor, from, to, shelfLifeDays]) => ({
    name,
    category,
    unit,
    priceMinor,
    seasonMonths: monthsBetween(from, to),
    shelfLifeDays,
  })),
);

/** What kinds of farms there are: which categories they sell. */
export const FARM_KINDS: readonly (readonly string[])[] = [
  ['VEGETABLES', 'HERBS', 'FLOWERS'],
  ['VEGETABLES', 'FRUITS', 'PRESERVES'],
  ['VEGETABLES', 'EGGS', 'BREAD'],
  ['FRUITS', 'PRESERVES', 'HONEY'],
  ['DAIRY', 'MEAT', 'EGGS'],
  ['MEAT', 'EGGS', 'VEGETABLES'],
  ['BREAD', 'HONEY', 'PRESERVES', 'HERBS'],
  ['FLOWERS', 'HERBS', 'HONEY', 'FRUITS'],
];

/** Months from one to another over the turn of the year; all year is the empty list. */
function monthsBetween(from: number, to: number): readonly number[] {
  const length = ((to - from + 12) % 12) + 1;
  return length === 12 ? [] : Array.from({ length }, (_, i) => ((from - 1 + i) % 12) + 1);
}
