import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { OperatorError } from './common/operator-error.js';
import type { AppConfig } from './config/app-config.js';

/** The service cannot listen where it was told to. */
export class AddressUnavailableError extends OperatorError {
  override readonly name = 'AddressUnavailableError';
}

/**
 * Lets the application listen, or closes it: an embedded database would go on running after a start that failed.
 *
 * @throws AddressUnavailableError when the port is taken, not allowed, or the host is not one of this machine.
 */
export async function listen(app: NestFastifyApplication, { port, host }: AppConfig): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !(code in REASONS)) throw error;
    throw new AddressUnavailableError(`${REASONS[code]} (port ${port}): ${message}.`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another process listens there; set PORT to a free one',
  EACCES: 'This user may not listen there; set PORT to one above 1023',
  EADDRNOTAVAIL: 'This machine has no such address; set ALMANAC_HOST to one of its own',
};
