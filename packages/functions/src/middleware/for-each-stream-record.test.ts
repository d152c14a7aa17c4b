import { describe, expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import { batchContext } from '../testing/sqs-batch-event.ts';
import { correlationId } from './correlation.ts';
import { PermanentError } from './errors.ts';
import { type ForEachStreamRecordOptions, forEachStreamRecord, type StreamRecord } from './for-each-stream-record.ts';

const kinesis = (...numbers: readonly string[]): readonly StreamRecord[] =>
  numbers.map((sequenceNumber) => ({ eventID: `shard:${sequenceNumber}`, kinesis: { sequenceNumber } }));

const run = async (
  Records: readonly StreamRecord[],
  process: (record: StreamRecord) => unknown,
  options?: ForEachStreamRecordOptions<StreamRecord>,
): Promise<readonly string[]> => {
  const { batchItemFailures } = await forEachStreamRecord(process, options)({ Records }, batchContext);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

describe('a batch of a stream', () => {
  it('is worked through in order, and comes back from the first record that fails', async () => {
    const seen: string[] = [];
    const failed = await run(kinesis('1', '2', '3'), ({ kinesis: { sequenceNumber } = { sequenceNumber: '' } }) => {
      seen.push(sequenceNumber);
      if (sequenceNumber === '2') throw new Error('not now');
    });
    expect(failed).toEqual(['2']);
    expect(seen).toEqual(['1', '2']);
  });

  it('of a table names its records by their sequence numbers, too', async () => {
    const fail = () => {
      throw new Error();
    };
    expect(await run([{ eventID: 'e', dynamodb: { SequenceNumber: '7' } }], fail)).toEqual(['7']);
  });

  it('goes on behind a record that was set aside whole, as it will never be good', async () => {
    const sqs = new FakeClient({ SendMessage: () => ({ MessageId: 'new' }) });
    const never = ({ kinesis: place }: StreamRecord) => {
      if (place?.sequenceNumber === '1') throw new PermanentError('never');
    };
    const options = { sqs: sqs.client, permanentQueueUrl: 'https://sqs/1/never' };
    expect(await run(kinesis('1', '2'), never, options)).toEqual([]);
    const [sent] = sqs.inputsOf('SendMessage');
    expect(JSON.parse(sent?.['MessageBody'])).toEqual(kinesis('1')[0]);
    sqs.before = () => {
      throw new Error('SQS is away');
    };
    expect(await run(kinesis('1', '2'), never, options)).toEqual(['1']);
    expect(await run(kinesis('1', '2'), never)).toEqual(['1']);
  });

  it('gives back what has not begun when the invocation is nearly over', async () => {
    let leftMs = 2_500;
    const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => leftMs };
    const handler = forEachStreamRecord(() => (leftMs -= 900));
    const { batchItemFailures } = await handler({ Records: kinesis('1', '2', '3') }, context);
    expect(batchItemFailures).toEqual([{ itemIdentifier: '3' }]);
  });

  it('tells each record what it belongs to', async () => {
    const seen: unknown[] = [];
    await run(kinesis('1'), () => seen.push(correlationId()));
    await run(kinesis('1'), () => seen.push(correlationId()), { correlationIdOf: () => 'order-4711' });
    expect(seen).toEqual(['shard:1', 'order-4711']);
  });
});

it.each([
  [{ reserveMs: -1 }, /^reserveMs: -1 must not be negative$/],
  [{ permanentQueueUrl: 'q' }, /^sqs: undefined must be given with permanentQueueUrl$/],
])('refuses %o', (options, message) => {
  expect(() => forEachStreamRecord(() => {}, options)).toThrow(message);
});
