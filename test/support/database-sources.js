// the production code that starts a server and migrates, for plain JavaScript that runs outside of Jest
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = [
  'common/operator-error',
  ...['unprivileged-command', 'cluster-claim', 'lock-file', 'embedded-database', 'migrator'].map(
    (name) => `platform/database/${name}`,
  ),
];

export async function loadDatabaseSources() {
  const folder = join(ROOT, 'node_modules', '.cache', 'almanac', 'test-support');
  await mkdir(join(folder, 'common'), { recursive: true });
  await mkdir(join(folder, 'platform', 'database'), { recursive: true });
  await write(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of NAMES) {
    const { code } = await transformFile(join(ROOT, 'src', `${name}.ts`), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
      module: { type: 'es6' },
    });
    await write(join(folder, `${name}.js`), code);
  }
  const [database, migrator] = await Promise.all(
    ['embedded-database', 'migrator'].map(
      (name) => import(pathToFileURL(join(folder, 'platform', 'database', `${name}.js`)).href),
    ),
  );
  return { EmbeddedDatabase: database.EmbeddedDatabase, migrate: migrator.migrate };
}

/** Complete or not there: another process may read it at the same time. */
async function write(path, text) {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
}
