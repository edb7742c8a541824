// npm run bench -- NAME [-- options]: runs one benchmark; progress on stderr, one JSON object as the last line of stdout
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// npm hands on a second --, which people write before the options of the benchmark
const [name, ...options] = process.argv.slice(2).filter((word) => word !== '--');
const folder = new URL('../dist/bench/', import.meta.url);
const file = name === undefined ? undefined : fileURLToPath(new URL(`${name}.bench.js`, folder));
if (file === undefined || !existsSync(file)) {
  const names = readdirSync(folder).flatMap((entry) => /^(.*)\.bench\.js$/.exec(entry)?.[1] ?? []);
  process.stderr.write(
    `Expected the name of a benchmark (${names.join(', ')}), received ${name ?? 'nothing'}.\n`,
  );
  process.exit(2);
}
const { status } = spawnSync(process.execPath, ['--expose-gc', '--enable-source-maps', file, ...options], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
