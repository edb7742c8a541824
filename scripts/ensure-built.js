// builds when a source is newer than the last build, so that `npm start` and `npm test` work right after `npm ci`
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.built');
const sources = [
  'src',
  'bench',
  'prisma',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];
const generated = /generated|kernels[\\/]build|\.spec\.ts$/;

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .map((name) => join(path, name))
    .filter((child) => !generated.test(child))
    .reduce((latest, child) => Math.max(latest, newest(child)), 0);
}

const isProductionImage = !existsSync(join(root, 'src'));
if (!isProductionImage) {
  const changed = Math.max(...sources.map((name) => newest(join(root, name))));
  if (!existsSync(stamp) || statSync(stamp).mtimeMs < changed) {
    process.stderr.write('Building Almanac …\n');
    const { status } = spawnSync('npm', ['run', '-s', 'build'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
    writeFileSync(stamp, '');
  }
}
