import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';

import { startTestApp, type TestApp } from '../support/test-app.js';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { schema?: object; example?: unknown }> }>
  >;
}

/** Every operation with the name that a failure shows. */
function operationsOf(document: OpenAPIObject): readonly (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      return operation
        ? [[`${method.toUpperCase()} ${path}`, operation as unknown as Operation] as const]
        : [];
    }),
  );
}

describe('the OpenAPI document', () => {
  let app: TestApp;
  let document: OpenAPIObject;
  let operations: readonly (readonly [string, Operation])[];
  const failing = (isFine: (operation: Operation) => boolean): readonly string[] =>
    operations.filter(([, operation]) => !isFine(operation)).map(([name]) => name);

  beforeAll(async () => {
    app = await startTestApp();
    document = (await app.get('/docs/json')).body as unknown as OpenAPIObject;
    operations = operationsOf(document);
  });
  afterAll(async () => app.close());

  it('is of version 3.1 and public', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.components?.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
    });
    expect(document.components?.schemas).toHaveProperty('ProblemDocument');
  });

  it('names every route that the server has, and no other', () => {
    const routes = app.app
      .getHttpAdapter()
      .getInstance()
      .printRoutes({ commonPrefix: false, includeHooks: false });
    const served = readRoutes(routes).filter((route) => !/ \/docs|^(?:HEAD|OPTIONS)/.test(route));
    const documented = operations.map(([name]) => name.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect([...documented].sort()).toEqual([...new Set(served)].sort());
    expect(documented.length).toBeGreaterThan(10);
  });

  it('has a summary and a tag for every operation', () => {
    expect(failing(({ summary, tags }) => Boolean(summary) && (tags?.length ?? 0) > 0)).toEqual([]);
  });

  it('says of every operation whether it needs a token', () => {
    expect(failing(({ security }) => security !== undefined)).toEqual([]);
    const guarded = operations.filter(([, { security }]) => (security ?? []).length > 0);
    expect(guarded.every(([, { responses }]) => '401' in responses && '403' in responses)).toBe(true);
    expect(guarded.length).toBeGreaterThan(0);
  });

  it('shows for every operation what a success looks like', () => {
    expect(
      failing(({ responses }) => {
        const success = Object.entries(responses).filter(([status]) => status.startsWith('2'));
        return success.some(
          ([status, { content }]) =>
            status === '204' ||
            Object.values(content ?? {}).some(
              ({ schema, example }) => schema !== undefined || example !== undefined,
            ),
        );
      }),
    ).toEqual([]);
  });

  it('describes every error as a problem document', () => {
    expect(
      failing(({ responses }) => {
        const errors = Object.entries(responses).filter(([status]) => /^[45]/.test(status));
        return (
          errors.length > 0 &&
          errors.every(([, { content }]) => content?.['application/problem+json'] !== undefined)
        );
      }),
    ).toEqual([]);
  });

  it('refers to schemas that exist', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    const known = Object.keys(document.components?.schemas ?? {});
    expect(references.map(([, name]) => name).filter((name) => !known.includes(String(name)))).toEqual([]);
    expect(references.length).toBeGreaterThan(0);
  });

  it('has a page whose scripts and styles are served and allowed', async () => {
    const page = await app.get('/docs');
    expect(page.status).toBe(200);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path]) =>
      String(path),
    );
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const asset of assets) {
      const { status, headers } = await app.get(new URL(asset, `${app.url}/docs`).pathname);
      expect([asset, status]).toEqual([asset, 200]);
      expect(headers.get('content-type')).toMatch(/javascript|css/);
    }
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(page.text).not.toMatch(/<script>(?!\s*<)/);
  });
});

/** Reads Fastify's drawing of its routes: depth by four characters, `path (METHODS)`. */
function readRoutes(drawing: string): readonly string[] {
  const parents: string[] = [];
  return drawing.split('\n').flatMap((line) => {
    const match = /^((?:[│ ] {3})*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line);
    if (!match) return [];
    const depth = (match[1] ?? '').length / 4;
    const path = (depth > 0 ? (parents[depth - 1] ?? '') : '') + (match[2] ?? '');
    parents[depth] = path;
    const methods = match[3]?.split(', ') ?? [];
    return methods.map((method) => `${method} ${path.length > 1 ? path.replace(/\/$/, '') : path}`);
  });
}
