import { describe, expect, it } from 'vitest';
import { readBatchResponse } from './batch-response.ts';

const ids = new Set(['a', 'b']);

describe('a partial batch response', () => {
  it.each([
    ['{"batchItemFailures":[]}'],
    ['[]'],
    ['{"batchItemFailures":null}'],
    ['{}'],
    ['null'],
    ['""'],
    [''],
    ['{"foo":"bar"}'],
  ])('%s means that all succeeded', (payload) => {
    expect(readBatchResponse(payload, ids)).toEqual({ kind: 'all-succeeded' });
  });

  it.each([
    ['{"batchItemFailures":[{"itemIdentifier":""}]}'],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}'],
    ['{"batchItemFailures":[{"foo":"a"}]}'],
    ['{"batchItemFailures":[{"itemIdentifier":"unknown"}]}'],
    ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"unknown"}]}'],
    ['{"batchItemFailures":["a"]}'],
    ['{"batchItemFailures":"a"}'],
    ['not json'],
    ['"text"'],
    ['[{}]'],
  ])('%s fails the whole batch', (payload) => {
    expect(readBatchResponse(payload, ids)).toEqual({ kind: 'all-failed' });
  });

  it('names the failed messages', () => {
    const verdict = readBatchResponse('{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}', ids);

    expect(verdict).toEqual({ kind: 'partial', failedIds: new Set(['b']) });
  });
});
