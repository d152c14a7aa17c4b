import type { Context, SQSEvent } from 'aws-lambda';

/** A batch as the event source mapping hands it over; message ids are `m0`, `m1`, ... */
export const sqsBatch = (...bodies: unknown[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: `r${index}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.UTC(2025, 10, 28, 9)),
      SenderId: 'AROA',
      ApproximateFirstReceiveTimestamp: String(Date.UTC(2025, 10, 28, 9)),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:validation',
    awsRegion: 'us-east-1',
  })),
});

/** A context of which nothing but the remaining time is read. */
export const batchContext = { awsRequestId: 'batch', getRemainingTimeInMillis: () => 30_000 } as Context;
