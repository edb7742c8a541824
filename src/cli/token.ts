import { parseArgs } from 'node:util';

import { AppConfig } from '../config/app-config.js';
import { isRole, ROLES, type Caller } from '../modules/auth/auth.types.js';
import { TokenIssuer } from '../modules/auth/token-issuer.service.js';
import { readArguments, runCommand, UsageError } from './run-command.js';

const USAGE = `Prints a token for the API.

npm run -s token -- [--role admin|service|user] [--subject ID] [--expires 1h]

  --role     what the token may do (default admin)
  --subject  who it is for; needed for the role user, where it is the user's id
  --expires  how long it is valid: seconds, or a number with s, m, h or d (default 1h, at most 30d)
`;
const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST_SECONDS = 30 * 86_400;

async function run(args: readonly string[]): Promise<number> {
  const { caller, lifetimeSeconds } = readOrder(args);
  const issuer = new TokenIssuer(AppConfig.load(process.env));
  process.stdout.write(`${await issuer.issue(caller, lifetimeSeconds)}\n`);
  return 0;
}

function readOrder(args: readonly string[]): { readonly caller: Caller; readonly lifetimeSeconds: number } {
  const { values } = readArguments(() =>
    parseArgs({
      args: [...args],
      options: { role: { type: 'string' }, subject: { type: 'string' }, expires: { type: 'string' } },
    }),
  );
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

await runCommand({ usage: USAGE, run });
