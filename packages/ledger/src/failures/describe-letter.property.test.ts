import fc from 'fast-check';
import { expect, it } from 'vitest';
import { archivedMessage } from '../other-letters.ts';
import { wayBackOf } from '../way-back.ts';
import { describeLetter } from './describe-letter.ts';

/** Words that services write, so that chance meets what is read. */
const WORDS = [
  ...['Records', 's3', 'bucket', 'name', 'object', 'key', 'requestContext', 'condition', 'functionArn', 'requestId'],
  ...['requestPayload', 'responsePayload', 'responseContext', 'errorType', 'errorMessage', 'stackTrace', 'trace'],
  ...['KinesisBatchInfo', 'DDBStreamBatchInfo', 'streamArn', 'shardId', 'batchSize', 'startSequenceNumber'],
  ...['context', 'partnerResourceArn', 'timestamp', 'Type', 'TopicArn', 'executedVersion', 'approximateInvokeCount'],
  ...['message', 'queueArn', 'Body', 'Attributes', 'MessageAttributes', 'SentTimestamp', 'Reason', 'functionError'],
  ...['DataType', 'StringValue', 'BinaryValue'],
];

const { value: valueArbitrary } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(
      null,
      0,
      -1,
      1e300,
      '',
      'Notification',
      '100%',
      'arn:aws:lambda',
      '2026-13-45',
      true,
      '99999-01-01',
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...WORDS), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

const attributesArbitrary = fc.dictionary(
  fc.constantFrom(
    'RULE_ARN',
    'TARGET_ARN',
    'SCHEDULE_ARN',
    'RETRY_ATTEMPTS',
    'ErrorCode',
    'RequestID',
    'holdfast.origin',
  ),
  fc.string({ minLength: 1 }).map((StringValue) => ({ DataType: 'String', StringValue })),
  { noNullPrototype: true },
);

/** What services write, in short. */
const WRITTEN: readonly unknown[] = [
  { Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'a+b' } } }] },
  {
    timestamp: '2026-01-01T00:00:00Z',
    requestContext: { requestId: 'r', functionArn: 'arn:aws:lambda:r:1:function:f:1', condition: 'RetriesExhausted' },
    requestPayload: { Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'k' } } }] },
    responseContext: { executedVersion: '1', functionError: 'Unhandled' },
    responsePayload: { errorType: 'E', errorMessage: 'e', stackTrace: ['at f'] },
  },
  {
    context: { partnerResourceArn: 'arn:aws:pipes:r:1:pipe/p' },
    KinesisBatchInfo: {
      streamArn: 'arn:aws:kinesis:r:1:stream/s',
      shardId: 's',
      startSequenceNumber: '1',
      batchSize: 1,
    },
  },
  { Type: 'Notification', TopicArn: 'arn:aws:sns:r:1:t', Message: 'm' },
  {
    queueArn: 'arn:aws:sqs:r:1:q',
    message: {
      Body: 'b',
      Attributes: { SentTimestamp: '1', DeadLetterQueueSourceArn: 'arn:aws:sqs:r:1:o' },
      MessageAttributes: {
        a: { DataType: 'Binary', BinaryValue: { 0: 1 } },
        b: { DataType: 'String', StringValue: 'x' },
      },
    },
  },
];

const ODD: readonly unknown[] = [null, 5, '', '100%', 'not a time', '99999-01-01', true, [], [null], {}, { a: 1 }];

/** Each copy of a value that has something odd in one place. */
function* withOneOdd(value: unknown): Generator {
  yield* ODD;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    for (const odd of withOneOdd(inner)) {
      yield Array.isArray(value) ? value.with(Number(name), odd) : { ...value, [name]: odd };
    }
  }
}

const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text));

const ARN = 'arn:aws:sqs:r:1:q';

it('takes what services write with anything odd in any place: one such message does not hide the others', async () => {
  for (const written of WRITTEN) {
    for (const odd of withOneOdd(written)) {
      const Body = JSON.stringify(odd);
      const letter = describeLetter({ Body }, { kind: 'queue', arn: ARN, messageId: '' }, { fillers: [] });
      const archived = archivedMessage('dead-letters/k', Body, undefined);
      const known = describeLetter(archived, { kind: 'object', bucket: 'b', key: 'k' }, { fillers: [] });
      for (const { firstSeenAt, lastSeenAt } of [letter, known]) {
        expect(isTime(firstSeenAt) && isTime(lastSeenAt), Body).toBe(true);
      }
      await wayBackOf({ Body }, []);
    }
  }
});

it('takes any body for a failure: one that nobody expected does not hide the others', async () => {
  await fc.assert(
    fc.asyncProperty(valueArbitrary, attributesArbitrary, async (body, MessageAttributes) => {
      const message = {
        MessageId: 'm',
        Body: JSON.stringify(body),
        Attributes: { SentTimestamp: '1' },
        MessageAttributes,
      };
      const letter = describeLetter(message, { kind: 'queue', arn: ARN, messageId: 'm' }, { fillers: [] });
      expect(isTime(letter.firstSeenAt) && isTime(letter.lastSeenAt)).toBe(true);
      expect(letter.attempts).not.toBeNaN();
      for (const text of [letter.error, letter.condition, letter.about]) expect(text).toBeTypeOf('string');
      await wayBackOf(message, []);
    }),
  );
});

it('takes any object for an archived one', () => {
  fc.assert(
    fc.property(valueArbitrary, (content) => {
      const message = archivedMessage('dead-letters/k', JSON.stringify(content), undefined);
      const letter = describeLetter(message, { kind: 'object', bucket: 'b', key: 'k' }, { fillers: [] });
      expect(isTime(letter.firstSeenAt) && isTime(letter.lastSeenAt)).toBe(true);
    }),
  );
});
