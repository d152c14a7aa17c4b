import type { FoundRoute } from '@holdfast/engine';
import { expect, it } from 'vitest';
import { routeRequest } from './route-request.ts';

it('joins values of one header with commas alone, and leaves those that only look so', () => {
  const raw = [
    ['Host', 'localhost'],
    ['X-A', '1'],
    ['x-a', '2'],
    ['X-B', 'a, b'],
    ['Cookie', 'c=1'],
    ['Cookie', 'd=2'],
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'text/html'],
  ];
  const { headers, repeatedHeaders } = routeRequest(
    {
      method: 'GET',
      path: '/',
      query: '',
      // As Node.js gives them.
      headers: { host: 'localhost', 'x-a': '1, 2', 'x-b': 'a, b', cookie: 'c=1; d=2', 'content-type': 'text/plain' },
      rawHeaders: raw.flat(),
      body: Buffer.alloc(0),
      host: 'localhost',
      sourceIp: undefined,
    },
    { path: '/', route: { answer: () => undefined } } satisfies FoundRoute,
    { accessKeyId: undefined, account: '000000000000', region: 'us-east-1' },
  );
  expect(headers).toEqual({
    host: 'localhost',
    'x-a': '1,2',
    'x-b': 'a, b',
    cookie: 'c=1; d=2',
    'content-type': 'text/plain',
  });
  expect(repeatedHeaders).toEqual({ 'x-a': ['1', '2'] });
});
