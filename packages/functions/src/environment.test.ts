import { describe, expect, it } from 'vitest';
import { readCsvParserSettings } from './csv-parser/settings.ts';
import { readScheduledRetrySettings } from './scheduled-retry/settings.ts';

const PARSER = {
  PRODUCTS_TABLE: 'products',
  UPLOADS_TABLE: 'uploads',
  NOTIFICATION_TOPIC_ARN: 'arn',
  VALIDATION_QUEUE_URL: 'v',
  ERROR_QUEUE_URL: 'e',
};

const RETRY = {
  DLQ_URL: 'q',
  TARGET_FUNCTION: 'csv-parser',
  SNS_TOPIC_ARN: 'arn',
  RETRY_STATE_TABLE: 't',
  ARCHIVE_BUCKET: 'b',
};

describe('readCsvParserSettings', () => {
  it('fills in the defaults; empty variables count as absent', () => {
    expect(readCsvParserSettings({ ...PARSER, FAIL_VENDOR: '', PARSER_LATENCY_MS: '' })).toMatchObject({
      maxFileBytes: 52_428_800,
      parserLatencyMs: 0,
      failVendor: undefined,
    });
  });

  it.each(Object.keys(PARSER))('refuses to start without %s and says so', (name) => {
    expect(() => readCsvParserSettings({ ...PARSER, [name]: undefined })).toThrow(name);
  });

  it.each(['-1', '900001', '5s'])('refuses a latency of %s', (value) => {
    expect(() => readCsvParserSettings({ ...PARSER, PARSER_LATENCY_MS: value })).toThrow('from 0 to 900000');
  });
});

describe('readScheduledRetrySettings', () => {
  it('fills in the defaults', () => {
    expect(readScheduledRetrySettings(RETRY)).toMatchObject({
      maxRetries: 5,
      concurrency: 10,
      archivePrefix: 'dead-letters/',
      budget: { tokensPerSecond: 10, burst: 50 },
    });
  });

  it('reads every number from its variable', () => {
    const settings = readScheduledRetrySettings({
      ...RETRY,
      MAX_RETRIES: '2',
      RETRY_CONCURRENCY: '3',
      RETRY_BUDGET_PER_SECOND: '0.5',
      RETRY_BUDGET_BURST: '4',
      ARCHIVE_PREFIX: 'dead/',
    });

    expect(settings).toMatchObject({
      maxRetries: 2,
      concurrency: 3,
      archivePrefix: 'dead/',
      budget: { tokensPerSecond: 0.5, burst: 4 },
    });
  });

  it.each([...Object.keys(RETRY)])('refuses to start without %s and says so', (name) => {
    expect(() => readScheduledRetrySettings({ ...RETRY, [name]: '' })).toThrow(name);
  });
});
