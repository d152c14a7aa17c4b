import { createCsvParser } from '../csv-parser/create-csv-parser.ts';
import type { CsvParserSettings } from '../csv-parser/settings.ts';
import { FakeClient, fakeDynamoDB, fakeS3, fakeSns, recordingLog } from './fake-aws.ts';
import { VirtualAmbient } from './virtual-ambient.ts';

const SETTINGS: CsvParserSettings = {
  productsTable: 'products',
  uploadsTable: 'uploads',
  notificationTopicArn: 'arn:aws:sns:us-east-1:000000000000:product-upload-notifications',
  validationQueueUrl: 'http://queue/validation',
  errorQueueUrl: 'http://queue/errors',
  maxFileBytes: 50 * 1024 * 1024,
  parserLatencyMs: 0,
  failVendor: undefined,
};

/** The parser with everything around it in memory. */
export const parserRig = (settings: Partial<CsvParserSettings> = {}) => {
  const ambient = new VirtualAmbient();
  const s3 = fakeS3();
  const dynamodb = fakeDynamoDB();
  const sns = fakeSns();
  const sqs = new FakeClient({ SendMessage: () => ({ MessageId: 'message' }) });
  const log = recordingLog();
  const parse = createCsvParser({
    now: ambient.now,
    sleep: ambient.sleep,
    after: ambient.after,
    random: ambient.random,
    s3: s3.client,
    dynamodb: dynamodb.client,
    sns: sns.client,
    sqs: sqs.client,
    log,
    settings: { ...SETTINGS, ...settings },
  });
  let requests = 0;
  return {
    ambient,
    s3,
    dynamodb,
    sns,
    sqs,
    log,
    put: (key: string, body: string | Buffer) => void s3.objects.set(key, Buffer.from(body)),
    /** One invocation, with a request id of its own unless one is given. */
    invoke: (event: unknown, requestId = `request-${++requests}`, timeoutMs = 60_000) =>
      ambient.run(parse(event, ambient.context(requestId, timeoutMs))),
    /** An invocation that is not waited for. */
    begin: (event: unknown, requestId = `request-${++requests}`, timeoutMs = 60_000) =>
      parse(event, ambient.context(requestId, timeoutMs)),
    record: (key: string) => dynamodb.table('uploads').get(JSON.stringify([key.split('/')[1], key])),
  };
};
