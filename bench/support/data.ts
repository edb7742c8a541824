import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Folder of a data set: in ALMANAC_DATA_DIR, else in ../shared/data beside the repository; `undefined` when it is not there. */
export function findData(name: string): string | undefined {
  const folder = join(process.env['ALMANAC_DATA_DIR'] ?? resolve('..', 'shared', 'data'), name);
  return existsSync(folder) ? folder : undefined;
}

/** Lines of a gzipped text file, without the end of line. */
export function readGzipLines(file: string): string[] {
  return gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
}
