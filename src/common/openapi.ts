import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { problemResponse } from './api-problems.decorator.js';
import { ProblemDocument } from './problem-document.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Serves the OpenAPI 3.1 document at /docs/json and a page to read and try it at /docs. */
export function serveOpenApi(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  // made when somebody asks for the first time: it costs more than the rest of the start
  const build = (): OpenAPIObject => (document ??= buildOpenApi(app));
  SwaggerModule.setup('docs', app, build, {
    jsonDocumentUrl: 'docs/json',
    raw: ['json'],
    customSiteTitle: 'Almanac API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, validatorUrl: null },
  });
}

export function buildOpenApi(app: NestFastifyApplication): OpenAPIObject {
  const description =
    'The machine-learning backend of a farm marketplace. Send `Authorization: Bearer <token>`; ' +
    '`npm run -s token -- --role admin` prints one. Errors are problem documents (RFC 9457) whose `type` ' +
    'can be read at its own address. Every answer has an X-Request-Id and RateLimit-* headers.';
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Almanac')
    .setDescription(description)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addTag('predictions', 'Recommendations for users and their history')
    .addTag('models', 'Versions of models, and which of them is deployed')
    .addTag('training', 'Training jobs')
    .addTag('data', 'Taking in users, farms, products, orders and events')
    .addTag('operation', 'Health, measurements and explanations of problems')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [ProblemDocument],
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  addCommonResponses(document);
  return document;
}

/** What any route may answer with: no token, a role that may not, too many requests, our own failure. */
function addCommonResponses(document: OpenAPIObject): void {
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation === undefined) continue;
      const isGuarded = (operation.security?.length ?? 0) > 0;
      for (const status of isGuarded ? [401, 403, 429, 500] : [500]) {
        operation.responses[String(status)] ??= problemResponse(status);
      }
      // an empty list says in OpenAPI that no token is needed
      operation.security ??= [];
    }
  }
}
