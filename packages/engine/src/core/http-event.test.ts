import { describe, expect, it } from 'vitest';
import { httpResponse, queryParameters } from './http-event.ts';

it('keeps parameters whose names every JavaScript object inherits, twice given too', () => {
  const parameters = queryParameters('constructor=a&__proto__=b&toString=c&__proto__=d&constructor=e');
  expect(Object.entries(parameters ?? {})).toEqual([
    ['constructor', 'a,e'],
    ['__proto__', 'b,d'],
    ['toString', 'c'],
  ]);
});

describe('what a function answers', () => {
  const answerTo = (result: object) => httpResponse(JSON.stringify(result), { defaultType: 'text/plain' });

  it.each([
    ['a header that another would follow', { statusCode: 200, headers: { 'x-a': 'a\r\nSet-Cookie: b=1' } }],
    ['a header whose characters are no bytes', { statusCode: 200, headers: { 'x-a': 'a😀' } }],
    ['a header with a blank in its name', { statusCode: 200, headers: { 'x a': 'a' } }],
    ['a cookie that another would follow', { statusCode: 200, cookies: ['a=1\nb=2'] }],
    ['a status that announces another', { statusCode: 100 }],
    ['switched protocols', { statusCode: 101 }],
  ])('is none with %s', (_, result) => {
    expect(answerTo(result)).toBeUndefined();
  });

  it('has no say in how its bytes come: connection, encoding, length and date are those of the answer', () => {
    const headers = {
      Connection: 'close',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '999',
      Date: 'yesterday',
      'Keep-Alive': 'timeout=1',
      'x-a': 'é',
    };
    expect(answerTo({ statusCode: 200, headers, body: 'abc' })?.headers).toEqual([
      'Content-Type',
      'text/plain',
      'x-a',
      'é',
    ]);
  });
});
