import { describe, expect, it } from 'vitest';
import { parseRouteKey, RouteTable } from './route-key.ts';

const tableOf = (...keys: readonly string[]): RouteTable<string> => {
  const table = new RouteTable<string>();
  for (const key of keys) table.add(key, key);
  return table;
};

describe('the selection of a route', () => {
  const table = tableOf(
    'GET /pets/dog/1',
    'GET /pets/dog/{id}',
    'GET /pets/{proxy+}',
    'ANY /{proxy+}',
    'GET /',
    'ANY /users/{id}',
    'DELETE /users/{id}',
    'GET /a/{x}/c',
    '$default',
  );

  it.each<[string, string, string, Record<string, string> | undefined]>([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
    ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
    ['POST', '/pets/dog/1', 'ANY /{proxy+}', { proxy: 'pets/dog/1' }],
    ['GET', '/', 'GET /', undefined],
    ['POST', '/', '$default', undefined],
    ['DELETE', '/users/7', 'DELETE /users/{id}', { id: '7' }],
    ['PUT', '/users/a%20b', 'ANY /users/{id}', { id: 'a b' }],
    ['GET', '/a/b/c', 'GET /a/{x}/c', { x: 'b' }],
    ['GET', '/pets', 'ANY /{proxy+}', { proxy: 'pets' }],
  ])('gives %s %s to %s', (method, path, target, pathParameters) => {
    expect(table.find(method, path)).toEqual({ target, pathParameters });
  });

  it('prefers a route that matches the whole path to a greedy one with more text in it', () => {
    const both = tableOf('GET /pets/dog/{proxy+}', 'GET /pets/{kind}/{id}');
    expect(both.find('GET', '/pets/dog/1')?.target).toBe('GET /pets/{kind}/{id}');
    expect(both.find('GET', '/pets/dog/1/2')?.target).toBe('GET /pets/dog/{proxy+}');
  });

  it('finds nothing where nothing is', () => {
    expect(tableOf('GET /a').find('GET', '/b')).toBeUndefined();
    expect(tableOf('GET /a').find('POST', '/a')).toBeUndefined();
    expect(tableOf('GET /a/{proxy+}').find('GET', '/a/')).toBeUndefined();
    expect(tableOf('GET /a/{b}').find('GET', '/a/')).toBeUndefined();
    expect(tableOf().find('GET', '/__proto__')).toBeUndefined();
  });
});

describe('a route key', () => {
  it.each(['GET', 'get /a', 'FETCH /a', 'GET a', 'GET /{a+}/b', 'GET /{a}/{a}', 'GET /a b', 'GET /{}', ''])(
    'is not %s',
    (key) => {
      expect(parseRouteKey(key)).toBeUndefined();
    },
  );
});
