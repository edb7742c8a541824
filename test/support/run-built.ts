import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a process ended and what it said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a built entry of dist/src to its end.
 *
 * @param entry E.g. `cli/token.js`.
 * @param environment All that it sees but PATH.
 */
export async function runBuilt(
  entry: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const file = fileURLToPath(new URL(`../../dist/src/${entry}`, import.meta.url));
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    execFile(process.execPath, [file, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
