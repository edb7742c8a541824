import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import Fastify from 'fastify';

import { AppModule } from '../../src/app.module.js';
import { AppConfig } from '../../src/config/app-config.js';
import { createHttpApplication } from '../../src/http-application.js';
import { TokenIssuer } from '../../src/modules/auth/token-issuer.service.js';
import { DemoService } from '../../src/modules/demo/demo.service.js';
import { ModelHostService } from '../../src/modules/inference/model-host.service.js';
import { TrainingService } from '../../src/modules/training/training.service.js';

/** What the server process tells the benchmark once it listens. */
export interface ServerReady {
  readonly url: string;
  readonly token: string;
}

/** Answer to `cpu`: microseconds of processor time that the process has used. */
export interface ProcessorTime {
  readonly cpu: number;
}

const [kind = '', answer = '{}', products = '4000'] = process.argv.slice(2);

process.on('message', (message) => {
  const { user, system } = process.cpuUsage();
  if (message === 'cpu') process.send?.({ cpu: user + system } satisfies ProcessorTime);
});
process.send?.(await (kind === 'bare' ? startBare() : startAlmanac()));

/** The least that a Fastify route can do: read JSON, write the JSON of an answer of the same size. */
async function startBare(): Promise<ServerReady> {
  const body: unknown = JSON.parse(answer);
  const server = Fastify();
  server.post('/api/ml/predictions', async () => body);
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  process.once('SIGTERM', () => process.exit(0));
  return { url, token: '' };
}

/** The whole service, with a catalogue of `products` and a deployed network. */
async function startAlmanac(): Promise<ServerReady> {
  const folder = await mkdtemp(join(tmpdir(), 'almanac-bench-http-'));
  const config = AppConfig.load({
    PORT: '0',
    ALMANAC_DATA: join(folder, 'data'),
    ML_MODELS_DIR: join(folder, 'models'),
    ALMANAC_DEMO: 'off',
    ALMANAC_LOG_LEVEL: 'error',
    ALMANAC_RATE_LIMIT: '100000000',
  });
  for (const [name, value] of Object.entries({
    ALMANAC_DATA: config.dataDirectory,
    ML_MODELS_DIR: config.modelsDirectory,
    ALMANAC_LOG_LEVEL: 'error',
  })) {
    process.env[name] = value; // the modules read the same environment
  }
  const app = await createHttpApplication(AppModule, config);
  await app.listen(0, '127.0.0.1');
  const find = { strict: false };
  await app
    .get(DemoService, find)
    .seed({ products: Number(products), farms: 100, customers: 2000, orderLines: 150_000 });
  await app
    .get(TrainingService, find)
    .start(
      { modelType: 'NEURAL_COLLABORATIVE_FILTERING', config: { hyperparameters: { epochs: 5 } } },
      'bench',
    );
  const host = app.get(ModelHostService, find);
  while (!host.recommender) await sleep(100);
  process.once('SIGTERM', () => {
    void app.close().then(async () => {
      await rm(folder, { recursive: true, force: true });
      process.exit(0);
    });
  });
  return {
    url: await app.getUrl(),
    token: await app.get(TokenIssuer, find).issue({ subject: 'bench', role: 'admin' }, 3600),
  };
}
