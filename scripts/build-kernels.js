// compiles every AssemblyScript kernel under src/ml/kernels/assembly to src/ml/kernels/build/NAME.wasm, and into dist
import { cpSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const kernels = fileURLToPath(new URL('../src/ml/kernels/', import.meta.url));
const sources = readdirSync(join(kernels, 'assembly')).filter((name) => name.endsWith('.kernel.ts'));
mkdirSync(join(kernels, 'build'), { recursive: true });

for (const source of sources) {
  const name = basename(source, '.kernel.ts');
  const { error } = await asc.main(
    [
      join('assembly', source),
      '--outFile',
      join('build', `${name}.wasm.part`),
      '--baseDir',
      kernels,
      ...['--enable', 'simd,threads,bulk-memory', '--importMemory', '--sharedMemory'],
      ...['--initialMemory', '2', '--maximumMemory', '65536', '--runtime', 'stub', '-O3', '--noAssert'],
    ],
    { stdout: process.stdout, stderr: process.stderr },
  );
  if (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  // a process that reads the kernels meanwhile never sees half of one
  renameSync(join(kernels, 'build', `${name}.wasm.part`), join(kernels, 'build', `${name}.wasm`));
}

// the loader finds a kernel beside itself, under Jest in src and in the service in dist
cpSync(join(kernels, 'build'), fileURLToPath(new URL('../dist/src/ml/kernels/build', import.meta.url)), {
  recursive: true,
});
