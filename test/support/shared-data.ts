import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe } from '@jest/globals';

/** Folder of reference data: ALMANAC_DATA_DIR, else ../shared/data beside the repository. */
export const SHARED_DATA = process.env['ALMANAC_DATA_DIR'] ?? resolve('..', 'shared', 'data');

/** Registers a suite that reads reference data, or a skipped one whose title says that the folder is absent. */
export function describeWithData(name: string, register: (folder: string) => void): void {
  if (existsSync(SHARED_DATA)) {
    describe(name, () => {
      register(SHARED_DATA);
    });
    return;
  }
  describe.skip(`${name} (skipped: no folder ${SHARED_DATA})`, () => {
    register(SHARED_DATA);
  });
}
