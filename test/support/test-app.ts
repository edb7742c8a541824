import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';

import { AppModule } from '../../src/app.module.js';
import { AppConfig } from '../../src/config/app-config.js';
import { createHttpApplication } from '../../src/http-application.js';
import type { Role } from '../../src/modules/auth/auth.types.js';
import { TokenIssuer } from '../../src/modules/auth/token-issuer.service.js';
import { Database } from '../../src/platform/database/database.js';
import { createTestDatabase } from './test-database.js';

/** An answer, read to its end. */
export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the body; undefined when it is none. */
  readonly body: TestBody;
}

/** The members that specs look at most; others are compared by `toMatchObject`. */
export interface TestBody {
  readonly success?: boolean;
  readonly data?: unknown;
  readonly meta?: unknown;
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly requestId?: string;
  readonly [member: string]: unknown;
}

export interface TestRequest {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; name its type in `headers`. */
  readonly raw?: string | Buffer | ReadableStream;
}

/** The whole application over real HTTP with a database and folders of its own. */
export interface TestApp {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly database: Database;
  readonly config: AppConfig;
  /** A token of ten minutes; `subject` is `test-<role>` unless given. */
  token(role: Role, subject?: string): Promise<string>;
  request(method: string, path: string, request?: TestRequest): Promise<TestResponse>;
  get(path: string, request?: TestRequest): Promise<TestResponse>;
  post(path: string, body?: unknown, request?: TestRequest): Promise<TestResponse>;
  put(path: string, body?: unknown, request?: TestRequest): Promise<TestResponse>;
  delete(path: string, request?: TestRequest): Promise<TestResponse>;
  close(): Promise<void>;
}

/**
 * Starts AppModule on a free port.
 *
 * @param environment Variables beside those that give the test its database and folders.
 * @param modules Modules beside AppModule, with routes that only a test needs.
 */
export async function startTestApp(
  environment: Readonly<Record<string, string>> = {},
  modules: readonly Type[] = [],
): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'almanac-app-'));
  const database = await createTestDatabase();
  const config = AppConfig.load({
    PORT: '0',
    DATABASE_URL: database.url,
    ALMANAC_DATA: join(folder, 'data'),
    ML_MODELS_DIR: join(folder, 'models'),
    ALMANAC_DATABASE_POOL: '5',
    ALMANAC_DEMO: 'off',
    // tests wait for trainings, and keep the machine busy meanwhile
    ALMANAC_TRAINER_NICE: '0',
    ALMANAC_LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...environment,
  });
  const remove = async (): Promise<void> => {
    await database.drop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const root = await Test.createTestingModule({ imports: [AppModule, ...modules] })
      .overrideProvider(AppConfig)
      .useValue(config)
      .compile();
    const app = await createHttpApplication(root, config);
    await app.listen(0, '127.0.0.1');
    return new RunningTestApp(app, config, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

class RunningTestApp implements TestApp {
  readonly url: string;
  readonly database: Database;

  constructor(
    readonly app: NestFastifyApplication,
    readonly config: AppConfig,
    private readonly remove: () => Promise<void>,
  ) {
    this.url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
    this.database = app.get(Database);
  }

  async token(role: Role, subject = `test-${role}`): Promise<string> {
    return this.app.get(TokenIssuer).issue({ subject, role }, 600);
  }

  async request(method: string, path: string, request: TestRequest = {}): Promise<TestResponse> {
    const { token, headers, body, raw } = request;
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload, duplex: 'half' }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    const parsed = isJson ? (JSON.parse(text) as TestBody) : {};
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  async get(path: string, request?: TestRequest): Promise<TestResponse> {
    return this.request('GET', path, request);
  }

  async post(path: string, body?: unknown, request?: TestRequest): Promise<TestResponse> {
    return this.request('POST', path, { ...request, body });
  }

  async put(path: string, body?: unknown, request?: TestRequest): Promise<TestResponse> {
    return this.request('PUT', path, { ...request, body });
  }

  async delete(path: string, request?: TestRequest): Promise<TestResponse> {
    return this.request('DELETE', path, request);
  }

  /** Stops the application as a signal would, then deletes its database and folders. */
  async close(): Promise<void> {
    try {
      await this.app.close();
      await this.database.close().catch(() => undefined); // it may be closed by the application already
    } finally {
      await this.remove();
    }
  }
}
