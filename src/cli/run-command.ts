import { DomainError } from '../common/domain-error.js';
import { OperatorError } from '../common/operator-error.js';

/** What was typed is not how the command is used. */
export class UsageError extends Error {}

/** A command of package.json. */
export interface Command {
  /** How it is used, for people. */
  readonly usage: string;
  /** @returns Exit code. @throws UsageError for what was typed. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/**
 * Runs a command on what was typed after its name, and sets the exit code: 2 when it was not used as `usage` says, 1
 * when it failed. `--help` prints the usage.
 */
export async function runCommand({ usage, run }: Command): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return;
  }
  try {
    process.exitCode = await run(args);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.exitCode = isUsage ? 2 : 1;
    const isExpected = isUsage || error instanceof DomainError || error instanceof OperatorError;
    process.stderr.write(`${isExpected ? error.message : String((error as Error).stack)}\n`);
    if (isUsage) process.stderr.write(`\n${usage}`);
  }
}

/** Reads arguments with `parse`, e.g. parseArgs of node:util, whose errors are about what was typed. */
export function readArguments<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
