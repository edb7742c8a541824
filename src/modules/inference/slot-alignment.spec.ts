import { describe, expect, it } from '@jest/globals';

import { CatalogIndex, type CatalogEntry } from './catalog-index.js';
import { SlotAlignment } from './slot-alignment.js';

const product = (id: string): CatalogEntry => ({
  id,
  name: id,
  category: 'FRUITS',
  farmId: undefined,
  place: undefined,
  region: undefined,
  unit: 'kg',
  priceMinor: 100,
  currency: 'EUR',
  season: 0,
  shelfLifeDays: undefined,
  certifications: [],
  isAvailable: true,
});

describe('SlotAlignment', () => {
  it('finds items that are there, that come later, and that were deleted', () => {
    const catalog = new CatalogIndex([product('a'), product('b')]);
    catalog.remove('a');
    const alignment = new SlotAlignment(['b', 'late', 'a', 'never']);
    expect([...alignment.slotsIn(catalog)]).toEqual([1, -1, 0, -1]);
    catalog.put(product('other'));
    catalog.put(product('late'));
    expect([...alignment.slotsIn(catalog)]).toEqual([1, 3, 0, -1]);
    catalog.put(product('a'));
    expect([...alignment.slotsIn(catalog)]).toEqual([1, 3, 0, -1]);
  });

  it('misses nothing that comes while it prepares', async () => {
    const ids = Array.from({ length: 50_000 }, (_, i) => `p${i}`);
    const catalog = new CatalogIndex();
    const alignment = new SlotAlignment(ids);
    const prepared = alignment.prepare(catalog);
    for (const id of ids.slice(0, 1000)) catalog.put(product(id));
    await prepared;
    for (const id of ids.slice(49_000)) catalog.put(product(id));
    const slots = alignment.slotsIn(catalog);
    expect([...slots.subarray(0, 1000)]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(slots[1000]).toBe(-1);
    expect(slots[49_999]).toBe(1999);
  });

  it('starts over with another catalogue', () => {
    const alignment = new SlotAlignment(['a', 'b']);
    expect([...alignment.slotsIn(new CatalogIndex([product('b')]))]).toEqual([-1, 0]);
    expect([...alignment.slotsIn(new CatalogIndex([product('a')]))]).toEqual([0, -1]);
  });
});
