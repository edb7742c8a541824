import { OperatorError } from './common/operator-error.js';

/** Ends a process that could not start. What the operator can mend is told without a stack. */
export function exitWithError(error: unknown): void {
  const isUnexpected = error instanceof Error && !(error instanceof OperatorError);
  process.stderr.write(`${isUnexpected ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
