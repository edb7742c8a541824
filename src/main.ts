import 'reflect-metadata';

import { AppModule } from './app.module.js';
import { InvalidEnvironmentError } from './config/environment-reader.js';
import { AppConfig } from './config/app-config.js';
import { createHttpApplication } from './http-application.js';
import { WelcomeService } from './modules/welcome/welcome.service.js';
import { WorkerModule } from './worker.module.js';

/** Starts what ALMANAC_ROLE says: the API, the worker or both, each with probes and metrics over HTTP. */
async function start(): Promise<void> {
  const config = AppConfig.load(process.env);
  const { role, port, host } = config;
  const app = await createHttpApplication(role === 'worker' ? WorkerModule : AppModule, config);
  await app.listen(port, host);
  if (role === 'worker') return;
  const address = (await app.getUrl()).replace('[::1]', '127.0.0.1').replace('0.0.0.0', '127.0.0.1');
  const welcome = app.get(WelcomeService, { strict: false });
  // the service serves whether or not its first steps could be shown
  await welcome
    .welcome(address, (line) => process.stdout.write(`${line}\n`))
    .catch((error: Error) => process.stderr.write(`The first steps were not finished: ${error.message}\n`));
}

start().catch((error: unknown) => {
  const isExpected = error instanceof InvalidEnvironmentError;
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
