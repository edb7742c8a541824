import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Files that may read the environment: the entry points, the configuration, and where programs are started. */
const ENVIRONMENT_READERS = /^src\/(?:main|worker|trainer)\.ts$|^src\/(?:platform|cli)\//;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

async function readSources(folder: string): Promise<readonly SourceFile[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  const paths = names.map((name) => join(folder, name)).filter(isOurs);
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

function isOurs(path: string): boolean {
  return path.endsWith('.ts') && !/generated|kernels\/assembly/.test(path);
}

describe('the architecture', () => {
  let sources: readonly SourceFile[];
  const matching = (pattern: RegExp, except = /^$/): readonly string[] =>
    sources.filter(({ path, text }) => !except.test(path) && pattern.test(text)).map(({ path }) => path);

  beforeAll(async () => {
    sources = await readSources('src');
  });

  it('is looked at', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it('has no barrels', () => {
    expect(sources.filter(({ path }) => path.endsWith('/index.ts'))).toEqual([]);
    expect(matching(/^export \* from/m)).toEqual([]);
  });

  it('has no forwardRef, no request scope and no ModuleRef', () => {
    expect(matching(/\bforwardRef\(|Scope\.REQUEST|\bModuleRef\b/)).toEqual([]);
  });

  it('reads the environment at the edges only', () => {
    expect(matching(/\bprocess\.env\b/, ENVIRONMENT_READERS)).toEqual([]);
  });

  it('throws exceptions of Nest nowhere: errors are ours, one filter knows HTTP', () => {
    expect(matching(/\bthrow new \w+(?<!Domain)Exception\(/)).toEqual([]);
  });

  it('switches no rule of the linter or the compiler off in place', () => {
    expect(matching(/(?:eslint|oxlint)-disable|@ts-(?:ignore|nocheck|expect-error)/)).toEqual([]);
  });

  it('runs no test alone and takes no snapshots', async () => {
    const tests = [...sources, ...(await readSources('test'))].filter(({ path }) =>
      path.endsWith('.spec.ts'),
    );
    const only = new RegExp(String.raw`\b(?:it|describe|test)\.only\b|toMatch(?:Inline)?Snapshot`);
    expect(tests.filter(({ path, text }) => !path.includes('architecture') && only.test(text))).toEqual([]);
    expect(tests.length).toBeGreaterThan(10);
  });

  it('imports only along the arrows of config/dependency-cruiser.cjs', async () => {
    const { stdout } = await run(
      process.execPath,
      [
        'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
        '--config',
        'config/dependency-cruiser.cjs',
        '-T',
        'err',
        'src',
        'test',
      ],
      { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 },
    ).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? 'dependency-cruiser did not run' }));
    expect(stdout).toContain('no dependency violations found');
  });
});
