import 'reflect-metadata';

import { AppConfig } from './config/app-config.js';
import { createHttpApplication } from './http-application.js';
import { exitWithError } from './exit-with-error.js';
import { listen } from './listen.js';
import { WorkerModule } from './worker.module.js';

/** Starts a process that trains, with probes and metrics over HTTP. */
async function start(): Promise<void> {
  const config = AppConfig.load({ ...process.env, ALMANAC_ROLE: 'worker' });
  process.env['ALMANAC_ROLE'] = 'worker'; // the modules read the same environment
  const app = await createHttpApplication(WorkerModule, config);
  await listen(app, config);
}

start().catch(exitWithError);
