import { describe, expect, it } from '@jest/globals';

import { RouteTable } from './route-table.js';

describe('RouteTable', () => {
  const table = new RouteTable();
  table.add('GET', '/models');
  table.add(['POST', 'PUT'], '/models');
  table.add('DELETE', '/models/:id');
  table.add('GET', '/docs/*');

  it.each([
    ['/models', ['GET', 'POST', 'PUT']],
    ['/models/', ['GET', 'POST', 'PUT']],
    ['/models/7', ['DELETE']],
    ['/models/7/8', []],
    ['/model', []],
    ['/docs/a/b.js', ['GET']],
    ['/', []],
  ])('knows the methods of %s', (path, methods) => {
    expect(table.methodsOf(path)).toEqual(methods);
  });
});
