import { expect, it } from 'vitest';
import { compileEventPattern } from './event-pattern.ts';

/** As EventBridge was recorded to say. */
it.each([
  ['{"int": 42}', '"int" must be an object or an array', 11],
  ['{"string": "my-value"}', '"string" must be an object or an array', 13],
  ['{"resources": []}', 'Empty arrays are not allowed', 17],
  ['{"my_key": [{"EXISTS": true}]}', 'Unrecognized match type EXISTS', 28],
  ['{"EventBusArn": [{"wildcard": 123}]}', 'wildcard match pattern must be a string', 34],
  ['{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', 'Value of < must be numeric', 50],
  ['{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', 'Bad numeric range operator: >', 49],
  ['{"detail": {"c-count": [{"numeric": 10}]}}', 'Value of numeric must be an array.', 39],
  ['{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}', 'prefix match pattern must be a string', 43],
  ['{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}', 'prefix/suffix match pattern must be a string', 54],
  [
    '{"detail-type": [{"equals-ignore-case": {"prefix": "ec2"}}]}',
    'equals-ignore-case match pattern must be a string',
    42,
  ],
])('%s is refused at its place', (pattern, reason, column) => {
  const at = `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  expect(() => compileEventPattern(pattern)).toThrow(`${reason}${at}`);
});

it.each([
  ['{"detail": {"FileName": [{"anything-but": {"prefix": ""}}]}}', 'Null prefix/suffix not allowed', 56],
  [
    '{"detail": {"state": [{"anything-but": null}]}}',
    'Value of anything-but must be an array or single string/number value.',
    44,
  ],
  [
    '{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
    'Value of anything-but must be an array or single string/number value.',
    55,
  ],
  [
    '{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    66,
  ],
])('%s is refused at the place of the value', (pattern, reason, column) => {
  const at = `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  expect(() => compileEventPattern(pattern)).toThrow(`${reason}${at}`);
});

it.each([
  [
    '{"detail": {"state": [{"anything-but": ["stopped", null]}]}}',
    'Inside anything but list, start|null|boolean is not supported.',
    56,
  ],
  [
    '{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}',
    'wildcard match pattern must be a string',
    57,
  ],
])('%s is refused at the place of the value, told twice for a list', (pattern, reason, column) => {
  const at = `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  expect(() => compileEventPattern(pattern)).toThrow(`${reason}${at}${at}`);
});

it('a text is refused behind its end, and a malformed address without a place', () => {
  expect(() => compileEventPattern('{"a": [{"wildcard": "x**"}]}')).toThrow('pos 2\n at [Source: (String)');
  expect(() => compileEventPattern('{"a": [{"cidr": "10.0.0.0"}]}')).toThrow(/one '\/' required$/);
});
