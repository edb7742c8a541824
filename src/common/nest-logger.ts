import type { LoggerService } from '@nestjs/common';
import type { FastifyBaseLogger } from 'fastify';

/** Sends what Nest and the services log to the one pino logger, with the class as `context`. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: FastifyBaseLogger) {}

  log(message: unknown, ...rest: readonly unknown[]): void {
    const { context, ...fields } = toFields(rest);
    // what the framework says about its own start is of use to its developers only
    if (isFramework(context)) this.pino.debug({ context, ...fields }, String(message));
    else this.pino.info({ context, ...fields }, String(message));
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    this.pino.error({ ...toFields(rest), ...asError(message) }, textOf(message));
  }

  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.pino.warn({ ...toFields(rest), ...asError(message) }, textOf(message));
  }

  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.pino.fatal({ ...toFields(rest), ...asError(message) }, textOf(message));
  }

  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.pino.debug(toFields(rest), String(message));
  }

  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.pino.trace(toFields(rest), String(message));
  }
}

const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

function isFramework(context: unknown): boolean {
  return typeof context === 'string' && FRAMEWORK.has(context);
}

/** Nest passes `(message, stack?, context)` or `(message, …objects, context)`. */
function toFields(rest: readonly unknown[]): {
  readonly context?: unknown;
  readonly [name: string]: unknown;
} {
  const context = rest.at(-1);
  const others = rest.slice(0, -1).filter((value) => value !== undefined);
  const error = others.find((value) => value instanceof Error);
  const stack = others.find((value) => typeof value === 'string');
  return {
    context,
    ...(error === undefined ? {} : { err: error }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function asError(message: unknown): { readonly err?: Error } {
  return message instanceof Error ? { err: message } : {};
}

function textOf(message: unknown): string {
  return message instanceof Error ? message.message : String(message);
}
