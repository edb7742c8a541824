import { InvalidEnvironmentError } from './config/environment-reader.js';

/** Ends a process that could not start. What the operator can mend is told without a stack. */
export function exitWithError(error: unknown): void {
  const isPlain = error instanceof InvalidEnvironmentError || !(error instanceof Error);
  process.stderr.write(`${isPlain ? String(error) : (error.stack ?? error.message)}\n`);
  process.exit(1);
}
