import { describe, expect, it } from 'vitest';
import { compileStreamFilters } from './stream-filter.ts';

const kinesis = (text: string, partitionKey = 'k') => ({
  kinesis: { partitionKey, data: Buffer.from(text).toString('base64') },
  eventSource: 'aws:kinesis',
});

const passes = (pattern: object, record: object): boolean =>
  compileStreamFilters('kinesis', [JSON.stringify(pattern)])(record as Record<string, unknown>);

describe('filters for Kinesis', () => {
  it.each<[string, object, object, boolean]>([
    ['JSON with a JSON pattern', { data: { a: [1] } }, kinesis('{"a":1}'), true],
    ['other JSON', { data: { a: [1] } }, kinesis('{"a":2}'), false],
    ['plain text with a JSON pattern', { data: { a: [{ exists: false }] } }, kinesis('text'), false],
    ['plain text with a text pattern', { data: ['text'] }, kinesis('text'), true],
    ['JSON with a text pattern', { data: ['{"a":1}'] }, kinesis('{"a":1}'), false],
    ['the partition key', { partitionKey: ['k'] }, kinesis('anything'), true],
    ['another partition key', { partitionKey: ['k'] }, kinesis('anything', 'other'), false],
  ])('judge %s', (_name, pattern, record, expected) => {
    expect(passes(pattern, record)).toBe(expected);
  });
});

describe('filters for DynamoDB', () => {
  it('look at the record, and one that matches suffices', () => {
    const accepts = compileStreamFilters('dynamodb', [
      '{"eventName":["REMOVE"]}',
      '{"dynamodb":{"NewImage":{"kind":{"S":["order"]}}}}',
    ]);

    expect(accepts({ eventName: 'INSERT', dynamodb: { NewImage: { kind: { S: 'order' } } } })).toBe(true);
    expect(accepts({ eventName: 'REMOVE', dynamodb: {} })).toBe(true);
    expect(accepts({ eventName: 'INSERT', dynamodb: { NewImage: { kind: { S: 'note' } } } })).toBe(false);
  });
});
