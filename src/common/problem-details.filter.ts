import { STATUS_CODES } from 'node:http';

import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { InvalidParameterError, MlError } from '../ml/core/errors.js';
import { describeValue } from './describe-value.js';
import { DomainError, type ErrorKind } from './domain-error.js';
import { PayloadTooLargeError, UnsupportedMediaTypeError } from './http.errors.js';
import { PROBLEMS, problemTitle, problemType } from './problem-catalog.js';
import type { RouteTable } from './route-table.js';

const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'unsupported-media': 415,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503,
};

/** Codes of what the framework refuses by itself. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  413: 'payload-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  422: 'unprocessable-content',
  429: 'rate-limited',
  503: 'unavailable',
};

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Turns every error of a request into a problem document (RFC 9457). The only place that knows both. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly bodyLimit: number,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = this.toProblem(error, request);
    if (problem.status >= 500) {
      request.log.error({ err: error, requestId: request.id, url: request.url }, 'request failed');
    }
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy(); // the answer began already: an open end would look like a complete one
      return;
    }
    for (const [name, value] of Object.entries(problem.headers ?? {})) reply.header(name, value);
    reply
      .removeHeader('etag')
      .code(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(toText(problem, request));
  }

  private toProblem(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof DomainError) return fromDomainError(error);
    if (error instanceof MlError) return fromMlError(error);
    if (request.is404 && statusOf(error) === 404) return this.noRoute(request);

    const status = statusOf(error);
    if (status === undefined || status >= 500) {
      return status === 503
        ? { status, code: 'unavailable', headers: { 'retry-after': '1' } }
        : { status: 500, code: 'internal-error' };
    }
    if (status === 413) {
      const received = Number(request.headers['content-length']);
      return fromDomainError(
        new PayloadTooLargeError(this.bodyLimit, Number.isFinite(received) ? received : undefined),
      );
    }
    if (status === 415) {
      return fromDomainError(new UnsupportedMediaTypeError(request.headers['content-type']));
    }
    const detail = error instanceof Error ? error.message : STATUS_CODES[status];
    return {
      status,
      code: CODE_OF_STATUS[status] ?? 'bad-request',
      ...(detail === undefined ? {} : { detail }),
    };
  }

  private noRoute({ method, url }: FastifyRequest): Problem {
    const path = url.split('?', 1)[0] ?? url;
    const allowed = this.routes.methodsOf(path);
    if (allowed.length === 0) {
      return { status: 404, code: 'not-found', detail: `Nothing is at ${path}. GET /docs lists what is.` };
    }
    return {
      status: 405,
      code: 'method-not-allowed',
      detail: `Expected ${allowed.join(' or ')}, received ${method}.`,
      extensions: { expected: allowed, received: method },
      headers: { allow: allowed.join(', ') },
    };
  }
}

function fromDomainError(error: DomainError): Problem {
  const { kind, code, message, extensions, retryAfterSeconds, headers } = error;
  return {
    status: STATUS_OF_KIND[kind],
    code,
    detail: message,
    extensions,
    headers:
      retryAfterSeconds === undefined
        ? headers
        : { ...headers, 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) },
  };
}

function fromMlError(error: MlError): Problem {
  const status = PROBLEMS[error.code]?.status ?? 500;
  // what does not come from the caller is our fault and is not explained to it
  if (status >= 500) return { status, code: error.code };
  const problem = { status, code: error.code, detail: error.message };
  if (!(error instanceof InvalidParameterError)) return problem;
  const { parameter, expected, received } = error;
  return { ...problem, extensions: { parameter, expected, received: describeValue(received) } };
}

/** The status that Nest's and Fastify's own errors carry. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined;
  const { statusCode, code } = error;
  const isOfFramework = typeof code === 'string' && code.startsWith('FST_');
  return isOfFramework && typeof statusCode === 'number' && statusCode >= 400 ? statusCode : undefined;
}

function toText({ status, code, detail, extensions }: Problem, { url, id }: FastifyRequest): string {
  return JSON.stringify({
    type: problemType(code),
    title: problemTitle(code),
    status,
    detail,
    instance: url.split('?', 1)[0],
    requestId: id,
    ...extensions,
  });
}
