import { hash } from 'node:crypto';

/** An S3 event of one uploaded object, as S3 sends it. */
export const s3Event = (
  key: string,
  body: string | Buffer,
  changes: { sequencer?: string; eventTime?: string } = {},
) => ({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: changes.eventTime ?? '2025-11-28T07:59:59.000Z',
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'uploads',
        bucket: { name: 'uploads-bucket', arn: 'arn:aws:s3:::uploads-bucket' },
        object: {
          key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
          size: Buffer.byteLength(body),
          eTag: hash('md5', body, 'hex'),
          sequencer: changes.sequencer ?? '0055AED6DCD90281E5',
        },
      },
    },
  ],
});

/** An OnFailure record of Lambda around an event. */
export const destinationRecord = (event: unknown, condition = 'EventAgeExceeded', errorType?: string) => ({
  version: '1.0',
  timestamp: '2025-11-28T08:01:05.568Z',
  requestContext: {
    requestId: '6f2c1f8e-0000-4000-8000-000000000000',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:csv-parser:$LATEST',
    condition,
    approximateInvokeCount: errorType === undefined ? 0 : 1,
  },
  requestPayload: event,
  ...(errorType === undefined
    ? {}
    : {
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType, errorMessage: 'it failed', trace: [] },
      }),
});
