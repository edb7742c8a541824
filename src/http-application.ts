import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';

import { NestLogger } from './common/nest-logger.js';
import { serveOpenApi } from './common/openapi.js';
import { ProblemDetailsFilter } from './common/problem-details.filter.js';
import { RateLimiter } from './common/rate-limiter.js';
import { RememberedBodies } from './common/remembered-bodies.js';
import { requestIdOf } from './common/request-id.js';
import { RequestValidationPipe } from './common/request-validation.pipe.js';
import { RouteTable } from './common/route-table.js';
import { securityHeadersFor } from './common/security-headers.js';
import type { AppConfig } from './config/app-config.js';
import { VerifiedTokens } from './modules/auth/verified-tokens.js';
import { ReadinessRegistry } from './ports/readiness.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
const SLOW_REQUEST_MS = 1000;
/** Bodies that a route reads as a stream, of any length. */
const STREAMED_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/csv'];
const UNLIMITED_PATHS = ['/health', '/metrics'];
const PRETTY = {
  target: 'pino-pretty',
  options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' },
};

/** Makes an application out of a compiled module; a TestingModule of Nest is one. */
interface ApplicationFactory {
  createNestApplication(adapter: FastifyAdapter, options: object): INestApplication;
}

/**
 * Builds the HTTP side of the application: logs, limits, validation, problem documents, documentation.
 *
 * It does not listen yet. `config` must be the one that `root` injects.
 */
export async function createHttpApplication(
  root: Type | ApplicationFactory,
  config: AppConfig,
): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const problems = new ProblemDetailsFilter(routes, BODY_LIMIT_BYTES);
  const adapter = new HttpAdapter(config, problems);
  const server = adapter.getInstance();
  server.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  const options = { logger: new NestLogger(server.log), bodyParser: false, abortOnError: false };
  const app =
    'createNestApplication' in root
      ? (root.createNestApplication(adapter, options) as NestFastifyApplication)
      : await NestFactory.create<NestFastifyApplication>(root, adapter, options);

  adapter.onStop = () => beginStop(app, config.shutdownSeconds);
  server.decorateRequest('caller', undefined);
  addBodyParsers(server);
  addCommonHeaders(server);
  addRequestLog(server);
  addRateLimit(server, config.rateLimitPerMinute, app.get(VerifiedTokens));
  app.useGlobalFilters(problems);
  app.useGlobalPipes(new RequestValidationPipe());
  // exits by itself: process 1 of a container ignores a signal that it sends to itself, as Nest would otherwise
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  serveOpenApi(app);
  return app;
}

/** Fastify as we want it, and a word at the very beginning of a shutdown. */
class HttpAdapter extends FastifyAdapter {
  onStop: (() => void) | undefined;

  constructor({ logLevel, isProduction }: AppConfig, problems: ProblemDetailsFilter) {
    const isForPeople = process.stdout.isTTY && !isProduction;
    super({
      logger: {
        level: logLevel,
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: isForPeople ? {} : { level: (label: string) => ({ level: label }) },
        ...(isForPeople ? { transport: PRETTY } : {}),
      },
      // a line for each request would cost more than the request; see addRequestLog
      logController: new LogController({ disableRequestLogging: true }),
      // and so would a logger for each: what is logged names its requestId
      childLoggerFactory: (logger: FastifyBaseLogger) => logger,
      genReqId: requestIdOf,
      requestIdHeader: false,
      bodyLimit: BODY_LIMIT_BYTES,
      return503OnClosing: false,
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
        problems.answer(error, request, reply),
      skipMiddie: true, // no Express middleware, so none of its cost
    });
  }

  override beforeClose(): void {
    super.beforeClose();
    this.onStop?.();
  }
}

/** Health turns "not ready"; whatever still runs after the grace period is cut off. */
function beginStop(app: NestFastifyApplication, graceSeconds: number): void {
  app.get(ReadinessRegistry).beginShutdown();
  const server = app.getHttpServer();
  setTimeout(() => server.closeAllConnections(), graceSeconds * 1000).unref();
}

function addBodyParsers(server: FastifyInstance): void {
  const bodies = new RememberedBodies();
  server.removeAllContentTypeParsers();
  for (const type of ['application/json', /^application\/[\w.+-]+\+json(?:;|$)/]) {
    server.addContentTypeParser<string>(type, { parseAs: 'string' }, (_request, text, done) => {
      try {
        done(null, bodies.parse(text));
      } catch (error) {
        done(error as Error);
      }
    });
  }
  server.addContentTypeParser(STREAMED_TYPES, (_request, payload, done) => done(null, payload));
}

function addCommonHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(securityHeadersFor(request.url));
    done();
  });
}

/** One line for each request that failed or was slow; all requests at the level `debug`. */
function addRequestLog(server: FastifyInstance): void {
  const logsAll = server.log.level === 'debug';
  server.addHook('onResponse', (request, reply, done) => {
    const isNotable = reply.statusCode >= 400 || reply.elapsedTime > SLOW_REQUEST_MS;
    if (isNotable || logsAll) {
      const fields = {
        requestId: request.id,
        method: request.method,
        url: request.url,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
        subject: request.caller?.subject,
      };
      if (isNotable) server.log.info(fields, 'request');
      else server.log.debug(fields, 'request');
    }
    done();
  });
}

/** Limits each caller: by subject for a token that was verified before, else by address. */
function addRateLimit(server: FastifyInstance, limitPerMinute: number, tokens: VerifiedTokens): void {
  if (limitPerMinute === 0) return;
  const limiter = new RateLimiter(limitPerMinute);
  const limit = String(limitPerMinute);
  server.addHook('onRequest', (request, reply, done) => {
    if (UNLIMITED_PATHS.some((path) => request.url.startsWith(path))) return done();
    const now = Date.now();
    const subject = tokens.find(request.headers.authorization, now)?.subject;
    const state = limiter.count(subject === undefined ? request.ip : `sub:${subject}`, now);
    reply.header('ratelimit-limit', limit);
    reply.header('ratelimit-remaining', String(Math.max(0, state.remaining)));
    reply.header('ratelimit-reset', String(state.resetSeconds));
    return state.remaining < 0 ? done(limiter.refusal(state)) : done();
  });
}
