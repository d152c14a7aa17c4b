import { describe, expect, it } from 'vitest';
import { compileFilterPattern } from './filter-pattern.ts';

const JSON_EVENT = JSON.stringify({
  level: 'ERROR',
  code: 404,
  ok: true,
  user: null,
  ip: '10.0.0.7',
  path: { 'a.b': 'dotted', list: [{ id: 1 }, { id: 2 }] },
});
const APACHE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

describe('terms', () => {
  it.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR] failed', true],
    ['ERROR', '[error] failed', false],
    ['ERROR failed', 'failed with ERROR', true],
    ['ERROR failed', 'ERROR only', false],
    ['?ERROR ?WARN', 'a WARN line', true],
    ['?ERROR ?WARN', 'an INFO line', false],
    ['ERROR -timeout', 'ERROR refused', true],
    ['ERROR -timeout', 'ERROR timeout', false],
    ['-timeout', 'all well', true],
    ['"Task timed out"', 'Task timed out after 3.00 seconds', true],
    ['"Task timed out"', 'Task has timed out', false],
    ['-"exit code 1"', 'exit code 1', false],
    ['%status=[45]\\d\\d%', 'status=503', true],
    ['%status=[45]\\d\\d%', 'status=200', false],
    ['ERROR ?WARN', 'ERROR alone: the optional term beside others is ignored', true],
    ['ERROR ?WARN', 'WARN alone', false],
    ['"say \\"hi\\""', 'please say "hi"', true],
  ])('%s on "%s" is %s', (pattern, message, expected) => {
    expect(compileFilterPattern(pattern).matches(message)).toBe(expected);
  });
});

describe('JSON patterns', () => {
  it.each([
    ['{ $.level = "ERROR" }', true],
    ['{ $.level = "error" }', false],
    ['{ $.level = ERR* }', true],
    ['{ $.level != "INFO" }', true],
    ['{ $.missing != "INFO" }', false],
    ['{ $.code = 404 }', true],
    ['{ $.code = "404" }', true],
    ['{ $.code > 400 && $.code <= 404 }', true],
    ['{ $.code >= 405 || $.level = "ERROR" }', true],
    ['{ $.level = "INFO" || $.level = "WARN" && $.code = 404 }', false],
    ['{ ($.level = "ERROR" || $.level = "WARN") && $.code < 404 }', false],
    ['{ $.ok IS TRUE }', true],
    ['{ $.ok IS FALSE }', false],
    ['{ $.user IS NULL }', true],
    ['{ $.user EXISTS }', true],
    ['{ $.nobody NOT EXISTS }', true],
    ['{ $.nobody IS NULL }', false],
    ['{ $.ip = %^10\\.% }', true],
    ['{ $.path.list[1].id = 2 }', true],
    ['{ $.path.list[*].id = 2 }', true],
    ['{ $.path.list[2].id = 2 }', false],
    ['{ $.path.[\'a.b\'] = "dotted" }', true],
    ['{ $.path = "x" }', false],
  ])('%s is %s', (pattern, expected) => {
    expect(compileFilterPattern(pattern).matches(JSON_EVENT)).toBe(expected);
  });

  it('match no event that is not JSON', () => {
    expect(compileFilterPattern('{ $.a NOT EXISTS }').matches('ERROR a = 1')).toBe(false);
    expect(compileFilterPattern('{ $.a NOT EXISTS }').matches('{ not json')).toBe(false);
  });
});

describe('space-delimited patterns', () => {
  it.each([
    ['[ip, id, user, timestamp, request, status, size]', true],
    ['[ip, id, user, timestamp, request, status]', false],
    ['[ip, ..., status, size]', true],
    ['[..., status = 4*, size]', true],
    ['[..., status = 5*, size]', false],
    ['[..., size > 1000]', true],
    ['[..., size > 2000]', false],
    ['[..., request = *html*, status, size]', true],
    ['[ip = %127\\.%, ...]', true],
    ['[..., status = 404 || status = 500, size]', true],
    ['[..., status > 400 && status < 404, size]', false],
    ['[ip != 127.0.0.1, ...]', false],
  ])('%s is %s', (pattern, expected) => {
    expect(compileFilterPattern(pattern).matches(APACHE)).toBe(expected);
  });

  it('give fields out by name', () => {
    expect(compileFilterPattern('[ip, ..., status, size]').extractAll(APACHE)).toEqual({
      $ip: '127.0.0.1',
      $status: '404',
      $size: '1534',
    });
  });
});

it.each(['{ $.a = }', '{ $.a ', '{ a = 1 }', '{ $.a > "x" }', '[a, ', '{ $.a = 1 } x', '{ $.a = 1 || }', 'a:b', '%(%'])(
  'the pattern %s is refused',
  (pattern) => {
    expect(() => compileFilterPattern(pattern)).toThrow('Invalid filter pattern');
  },
);
