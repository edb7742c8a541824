import 'reflect-metadata';

import { AppModule } from './app.module.js';
import { AppConfig } from './config/app-config.js';
import { exitWithError } from './exit-with-error.js';
import { createHttpApplication } from './http-application.js';
import { listen } from './listen.js';
import { WelcomeService } from './modules/welcome/welcome.service.js';

/** Starts what ALMANAC_ROLE says: the API alone or with a worker; a worker alone is in worker.ts. */
async function start(): Promise<void> {
  const config = AppConfig.load(process.env);
  if (config.role === 'worker') {
    await import('./worker.js');
    return;
  }
  const app = await createHttpApplication(AppModule, config);
  await listen(app, config);
  const address = (await app.getUrl()).replace(/\[::1?\]|0\.0\.0\.0/, '127.0.0.1');
  // the service serves whether or not its first steps could be shown
  await app
    .get(WelcomeService, { strict: false })
    .welcome(address, (line) => process.stdout.write(`${line}\n`))
    .catch((error: Error) => process.stderr.write(`The first steps were not finished: ${error.message}\n`));
}

start().catch(exitWithError);
