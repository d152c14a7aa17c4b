import { describe, expect, it } from 'vitest';
import { type HttpRoute, HttpRoutes } from './http-route.ts';

const route = (place: Pick<HttpRoute, 'path' | 'hostLabel'>): HttpRoute => ({ ...place, answer: () => undefined });

const mail = route({ path: 'mail' });
const url = route({ path: 'lambda-url', hostLabel: 'lambda-url' });
const lambda = route({ path: 'lambda' });
const archives = route({ path: 'lambda/archives' });

describe('routes of services', () => {
  const routes = new HttpRoutes();
  for (const each of [mail, lambda, archives, url]) routes.add(each);

  it.each([
    ['/_holdfast/mail', mail, ''],
    ['/_holdfast/mail/', mail, '/'],
    ['/_holdfast/lambda-url/abc/x%20y', url, '/abc/x%20y'],
    ['/_holdfast/lambda/archives/00', archives, '/00'],
    ['/_holdfast/lambda/other', lambda, '/other'],
  ])('%s goes to the longest path of whole segments', (path, expected, rest) => {
    expect(routes.find('127.0.0.1:4566', path)).toEqual({ route: expected, path: rest });
  });

  it.each(['/', '/mail', '/_holdfast', '/_holdfast/', '/_holdfast/mailbox', '/_holdfast/health'])(
    '%s goes to none',
    (path) => {
      expect(routes.find('localhost:4566', path)).toBeUndefined();
    },
  );

  it('goes by the second label of the host before the path', () => {
    expect(routes.find('abc.lambda-url.us-east-1.on.aws', '/_holdfast/mail')).toEqual({
      route: url,
      path: '/_holdfast/mail',
      hostPrefix: 'abc',
    });
    expect(routes.find('ABC.Lambda-URL.us-east-1.on.aws', '/')).toMatchObject({ route: url, hostPrefix: 'abc' });
    expect(routes.find('abc.lambda-urls.us-east-1.on.aws', '/')).toBeUndefined();
    expect(routes.find('lambda-url.localhost', '/')).toBeUndefined();
    expect(routes.find(undefined, '/')).toBeUndefined();
  });
});
