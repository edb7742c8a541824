import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpException, Module, Post } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { ok, type Envelope } from '../../src/common/envelope.js';
import { PROBLEMS } from '../../src/common/problem-catalog.js';
import { IncompatibleStateError, InvalidDataError, InvalidParameterError } from '../../src/ml/core/errors.js';
import { Public } from '../../src/modules/auth/public.decorator.js';
import { startTestApp, type TestApp, type TestResponse } from '../support/test-app.js';

class Preferences {
  @IsArray()
  @IsString({ each: true })
  @ArrayMaxSize(3)
  readonly categories!: readonly string[];
}

class Line {
  @IsInt()
  @Min(1)
  readonly quantity!: number;
}

class AskRequest {
  @IsIn(['recommendation', 'price'])
  readonly type!: string;

  @IsInt()
  @Min(1)
  @Max(100)
  readonly count!: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => Preferences)
  readonly preferences?: Preferences;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  readonly lines?: readonly Line[];
}

const FAILURES: Readonly<Record<string, () => Error>> = {
  unknown: () => new Error('password=hunter2'),
  parameter: () => new InvalidParameterError('epochs', 'an integer ≥ 1', 0),
  data: () => new InvalidDataError('The catalogue is empty.'),
  state: () => new IncompatibleStateError('neumf/1', 'neumf/0'),
  teapot: () => new HttpException('short and stout', 418),
};

// public, so that the spec looks at problems and not at tokens
@Public()
@Controller('test-problems')
class ProblemsTestController {
  @Post()
  ask(@Body() request: AskRequest): Envelope<{ frozen: boolean; request: AskRequest }> {
    return ok({ frozen: Object.isFrozen(request), request });
  }

  @Get('unknown')
  unknown(): never {
    throw FAILURES['unknown']?.();
  }

  @Get('parameter')
  parameter(): never {
    throw FAILURES['parameter']?.();
  }

  @Get('data')
  data(): never {
    throw FAILURES['data']?.();
  }

  @Get('state')
  state(): never {
    throw FAILURES['state']?.();
  }

  @Get('teapot')
  teapot(): never {
    throw FAILURES['teapot']?.();
  }
}

@Module({ controllers: [ProblemsTestController] })
class ProblemsTestModule {}

describe('problem documents', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({}, [ProblemsTestModule]);
  });
  afterAll(async () => app.close());

  const send = async (raw: string | Buffer, type = 'application/json'): Promise<TestResponse> =>
    app.request('POST', '/test-problems', { raw, headers: { 'content-type': type } });

  it('has all members of RFC 9457 and the request id', async () => {
    const { status, body, headers } = await app.get('/nowhere?secret=1', {
      headers: { 'x-request-id': 'abc' },
    });
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toEqual({
      type: '/problems/not-found',
      title: 'Nothing is here',
      status: 404,
      detail: 'Nothing is at /nowhere. GET /docs lists what is.',
      instance: '/nowhere',
      requestId: 'abc',
    });
  });

  it('names the methods of an address that has others', async () => {
    const { status, body, headers } = await app.request('PATCH', '/test-problems');
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(body).toMatchObject({
      type: '/problems/method-not-allowed',
      expected: ['POST'],
      received: 'PATCH',
    });
    expect((await app.delete('/problems/not-found')).headers.get('allow')).toBe('GET, HEAD');
  });

  it.each<[string, object, object]>([
    [
      'an unknown type',
      { type: 'cake', count: 1 },
      { pointer: '/type', expected: 'one of recommendation, price', received: '"cake"' },
    ],
    ['a missing field', { type: 'price' }, { pointer: '/count', received: 'nothing' }],
    [
      'an extra field',
      { type: 'price', count: 1, colour: 'red' },
      {
        pointer: '/colour',
        expected: 'no such field (known: count, lines, preferences, type)',
        received: '"red"',
      },
    ],
    ['a number as text', { type: 'price', count: '3' }, { pointer: '/count', received: '"3"' }],
    [
      'NaN, which JSON writes as null',
      { type: 'price', count: NaN },
      { pointer: '/count', received: 'null' },
    ],
    [
      'a fraction',
      { type: 'price', count: 1.5 },
      { pointer: '/count', expected: 'an integer number', received: '1.5' },
    ],
    [
      'a number out of range',
      { type: 'price', count: 101 },
      { pointer: '/count', expected: 'not greater than 100', received: '101' },
    ],
    [
      'a wrong nested field',
      { type: 'price', count: 1, preferences: { categories: [7] } },
      { pointer: '/preferences/categories', received: 'a list of 1' },
    ],
    [
      'an extra nested field',
      { type: 'price', count: 1, preferences: { categories: [], a: 1 } },
      { pointer: '/preferences/a' },
    ],
    [
      'a wrong element',
      { type: 'price', count: 1, lines: [{ quantity: 1 }, { quantity: 0 }] },
      { pointer: '/lines/1/quantity', received: '0' },
    ],
  ])('names the field for %s', async (_, request, problem) => {
    const { status, body } = await app.post('/test-problems', request);
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: '/problems/validation-failed', errors: [{ in: 'body', ...problem }] });
  });

  it('tells all wrong fields at once', async () => {
    const { body } = await app.post('/test-problems', { type: 1, count: 'x' });
    expect(body['errors']).toHaveLength(2);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'nothing'],
    ['a list', [1], 'a list of 1'],
    ['a text', 'price', '"price"'],
    ['null', null, 'nothing'],
  ])('asks for an object when the body is %s', async (_, request, received) => {
    const { status, body } = await app.post('/test-problems', request);
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: '/problems/validation-failed', errors: [{ pointer: '', received }] });
  });

  it('says where the body stops being JSON', async () => {
    const { status, body } = await send('{\n  "type": "price",\n  "count": 1,\n}');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: '/problems/malformed-json',
      line: 4,
      column: 1,
      position: 35,
      expected: 'a key in double quotes',
      received: '"}"',
    });
  });

  it.each([
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{}}}',
    String.raw`{"\u005f_proto__":1}`,
  ])('refuses the prototype poison %s', async (text) => {
    const { status, body } = await send(text);
    expect(status).toBe(400);
    expect(body.type).toBe('/problems/forbidden-key');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('refuses a body nested very deeply instead of failing', async () => {
    const { status } = await send(
      `{"type":"price","count":1,"preferences":${'['.repeat(300_000)}${']'.repeat(300_000)}}`,
    );
    expect(status).toBe(400);
  });

  it('refuses a body over the limit before it is read', async () => {
    const { status, body } = await send(`"${'x'.repeat(10_000_000)}"`);
    expect(status).toBe(413);
    expect(body).toMatchObject({
      type: '/problems/payload-too-large',
      limitBytes: 1_048_576,
      receivedBytes: 10_000_002,
    });
  });

  it.each(['text/plain', 'application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded'])(
    'refuses a body of the type %s',
    async (type) => {
      const { status, body } = await send('a=1', type);
      expect(status).toBe(415);
      expect(body).toMatchObject({
        type: '/problems/unsupported-media-type',
        expected: 'application/json',
        received: type,
      });
    },
  );

  it('refuses a stream where an object is expected', async () => {
    const { status, body } = await send('{}\n', 'application/x-ndjson');
    expect(status).toBe(415);
    expect(body.type).toBe('/problems/unsupported-media-type');
  });

  it('hides what went wrong inside, and names the request', async () => {
    const { status, text, body } = await app.get('/test-problems/unknown');
    expect(status).toBe(500);
    expect(text).not.toContain('hunter2');
    expect(body).toEqual({
      type: '/problems/internal-error',
      title: 'Something went wrong on our side',
      status: 500,
      instance: '/test-problems/unknown',
      requestId: expect.any(String),
    });
  });

  it('explains a parameter that an algorithm refuses', async () => {
    const { status, body } = await app.get('/test-problems/parameter');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: '/problems/invalid-parameter',
      parameter: 'epochs',
      expected: 'an integer ≥ 1',
      received: '0',
    });
  });

  it.each([
    ['data', 422, '/problems/invalid-data'],
    ['state', 500, '/problems/incompatible-state'],
    ['teapot', 418, '/problems/bad-request'],
  ])('answers the failure %s with %i', async (name, status, type) => {
    const { body } = await app.get(`/test-problems/${name}`);
    expect(body).toMatchObject({ status, type });
  });

  it.each(['/%', '/test-problems/%ff'])('answers the malformed address %s with a problem', async (path) => {
    const { status, body } = await app.get(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: '/problems/bad-request', status: 400 });
  });

  it('remembers a valid request as one frozen instance', async () => {
    const request = { type: 'price', count: 2, preferences: { categories: ['VEGETABLES'] } };
    const { body } = await app.post('/test-problems', request);
    expect(body.data).toEqual({ frozen: true, request });
  });

  it('describes each problem at the address of its type, as JSON and as a page', async () => {
    const list = (await app.get('/problems')).body.data as { type: string }[];
    expect(list.map(({ type }) => type)).toEqual(Object.keys(PROBLEMS).map((code) => `/problems/${code}`));
    for (const { type } of list) expect((await app.get(type)).status).toBe(200);

    const page = await app.get('/problems/not-found', { headers: { accept: 'text/html,*/*' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('<h1>Nothing is here</h1>');
    for (const code of ['no-such-code', '__proto__', 'constructor']) {
      expect((await app.get(`/problems/${code}`)).body.type).toBe('/problems/problem-not-found');
    }
  });
});

describe('the catalogue of problems', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));

  it('has an entry for every code that the source can answer with', async () => {
    const missing: string[] = [];
    const files = (await readdir(join(root, 'src'), { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.includes('generated'),
    );
    for (const file of files) {
      const text = await readFile(join(root, 'src', file), 'utf8');
      if (!/extends (?:DomainError|MlError|\w+Error)\b/.test(text)) continue;
      for (const [, code] of text.matchAll(/readonly code(?:: string)? = '([a-z-]+)'/g)) {
        if (code !== undefined && !(code in PROBLEMS)) missing.push(`${code} (${file})`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('is the one that docs/errors.md tells about', async () => {
    const text = await readFile(join(root, 'docs', 'errors.md'), 'utf8');
    const documented = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    expect(documented.sort()).toEqual(
      Object.entries(PROBLEMS)
        .map(([code, { status }]) => `${code} ${status}`)
        .sort(),
    );
  });
});
