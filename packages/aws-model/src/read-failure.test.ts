import { expect, it } from 'vitest';
import { type FailureMessage, readFailure } from './read-failure.ts';

const attributes = (values: Record<string, string>): FailureMessage['MessageAttributes'] =>
  Object.fromEntries(Object.entries(values).map(([name, StringValue]) => [name, { StringValue }]));

it.each([
  [
    "a function's dead-letter config, or a subscription",
    { MessageAttributes: attributes({ ErrorCode: '200', ErrorMessage: 'it failed', RequestID: 'r' }) },
    { condition: '200', error: 'it failed', about: '' },
  ],
  [
    'a rule',
    {
      MessageAttributes: attributes({
        ERROR_CODE: 'NO_PERMISSIONS',
        ERROR_MESSAGE: 'not allowed',
        EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      }),
    },
    { condition: 'MaximumRetryAttempts', error: 'NO_PERMISSIONS: not allowed' },
  ],
  [
    'a rule that never tried again',
    { MessageAttributes: attributes({ ERROR_CODE: 'NO_RESOURCE', ERROR_MESSAGE: 'gone' }) },
    { condition: 'NO_RESOURCE', error: 'gone' },
  ],
  [
    "a function's failure destination",
    {
      Body: JSON.stringify({
        requestContext: { condition: 'RetriesExhausted' },
        requestPayload: { Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'a+b%2Bc.csv' } } }] },
        responsePayload: { errorType: 'DrillError', errorMessage: 'a drill' },
      }),
    },
    { condition: 'RetriesExhausted', error: 'DrillError: a drill', about: 's3://b/a b+c.csv' },
  ],
  [
    "a stream mapping's failure destination",
    {
      Body: JSON.stringify({
        requestContext: { condition: 'RetryAttemptsExhausted' },
        KinesisBatchInfo: {
          shardId: 'shardId-0',
          startSequenceNumber: '49',
          batchSize: 3,
          streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
        },
      }),
    },
    { condition: 'RetryAttemptsExhausted', about: '3 records of stream/s shardId-0 from 49' },
  ],
  [
    'a redrive policy',
    { Attributes: { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:orders' }, Body: 'null' },
    { condition: 'MaxReceiveCount', about: 'queue orders', error: '' },
  ],
])('reads what %s wrote', (_name, message, failure) => {
  expect(readFailure(message as FailureMessage)).toMatchObject(failure);
});
