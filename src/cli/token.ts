import { parseArgs } from 'node:util';

import { AppConfig } from '../config/app-config.js';
import { InvalidEnvironmentError } from '../config/environment-reader.js';
import { TokensIssuedElsewhereError } from '../modules/auth/auth.errors.js';
import { isRole, ROLES, type Caller } from '../modules/auth/auth.types.js';
import { TokenSecretError } from '../modules/auth/token-secret.js';
import { TokenIssuer } from '../modules/auth/token-issuer.service.js';

const USAGE = `Prints a token for the API.

npm run -s token -- [--role admin|service|user] [--subject ID] [--expires 1h]

  --role     what the token may do (default admin)
  --subject  who it is for; needed for the role user, where it is the user's id
  --expires  how long it is valid: seconds, or a number with s, m, h or d (default 1h, at most 30d)
`;
const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST_SECONDS = 30 * 86_400;

/** What was typed is not how the command is used. */
class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  try {
    const order = readArguments(args);
    if (order === 'help') {
      process.stdout.write(USAGE);
      return 0;
    }
    const issuer = new TokenIssuer(AppConfig.load(process.env));
    process.stdout.write(`${await issuer.issue(order.caller, order.lifetimeSeconds)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    const isExpected = [InvalidEnvironmentError, TokensIssuedElsewhereError, TokenSecretError].some(
      (known) => error instanceof known,
    );
    process.stderr.write(
      isExpected ? `${(error as Error).message}\n` : `${String((error as Error).stack)}\n`,
    );
    return 1;
  }
}

function readArguments(
  args: readonly string[],
): 'help' | { readonly caller: Caller; readonly lifetimeSeconds: number } {
  const values = parse(args);
  if (values.help === true) return 'help';
  const role = values.role ?? 'admin';
  if (!isRole(role)) throw new UsageError(`--role must be one of ${ROLES.join(', ')}, received ${role}.`);
  if (role === 'user' && !values.subject) {
    throw new UsageError('--subject must be the id of the user for the role user, received nothing.');
  }
  const subject = values.subject ?? `cli-${role}`;
  if (subject === '' || subject.length > 200) {
    throw new UsageError(`--subject must be 1 to 200 characters long, received ${subject.length}.`);
  }
  return { caller: { role, subject }, lifetimeSeconds: readLifetime(values.expires ?? '1h') };
}

function parse(args: readonly string[]): {
  role?: string | undefined;
  subject?: string | undefined;
  expires?: string | undefined;
  help?: boolean | undefined;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        subject: { type: 'string' },
        expires: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readLifetime(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const seconds = match ? Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 0) : 0;
  if (seconds < 1 || seconds > LONGEST_SECONDS) {
    throw new UsageError(
      `--expires must be a time from 1s to 30d such as 90s, 15m, 1h or 7d, received ${text}.`,
    );
  }
  return seconds;
}

process.exitCode = await main(process.argv.slice(2));
