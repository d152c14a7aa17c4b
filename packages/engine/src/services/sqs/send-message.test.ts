import type { SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

const MIB = 1_048_576;

const setUp = async (attributes: Record<string, string> = {}): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest();
  await sqs.create('q', attributes);
  return sqs;
};

const text = (value: string, type = 'String') => ({ DataType: type, StringValue: value });

describe('checksums', () => {
  const traceparent = 'traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01';
  it.each([
    ['one string', { MyAttribute: text('foobar') }, 'adb59cd4678ea5a855436b949cd07ab6'],
    ['one number', { attr1: text('99.12', 'Number') }, 'd302007e9aa062660afc85fd0a482472'],
    [
      'several',
      { Hello: text('There'), General: text('Kenobi'), 'Help.Me': text('Me') },
      '4c360f3fdafd970e05fae2f149d997f5',
    ],
    [
      'binary',
      { attr1: { DataType: 'Binary', BinaryValue: new TextEncoder().encode(traceparent) } },
      '8cbe4db156db8a94db8b801b7addb984',
    ],
  ])('of attributes are those recorded from AWS: %s', async (_case, MessageAttributes, md5) => {
    const sqs = await setUp();
    const sent = await sqs.send('q', 'x', { MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe(md5);
    const [message] = await sqs.receive('q', { MessageAttributeNames: ['.*'] });
    expect(message?.MD5OfMessageAttributes).toBe(md5);
    expect(message?.MessageAttributes).toEqual(MessageAttributes);
  });

  it('of system attributes come with the answer, not with the message', async () => {
    const sqs = await setUp();
    const AWSTraceHeader = text('Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1');
    const sent = await sqs.send('q', 'x', { MessageSystemAttributes: { AWSTraceHeader } });
    expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
    expect(sent).not.toHaveProperty('MD5OfMessageAttributes');
    const [message] = await sqs.receive('q', { AttributeNames: ['AWSTraceHeader'] });
    expect(message?.Attributes).toEqual({ AWSTraceHeader: AWSTraceHeader.StringValue });
  });

  it('of the attributes cover the ones a receive asked for', async () => {
    const sqs = await setUp({ VisibilityTimeout: '0' });
    await sqs.send('q', 'x', { MessageAttributes: { 'a.one': text('1'), 'a.two': text('2'), other: text('3') } });
    const names = async (...MessageAttributeNames: string[]) => {
      const [message] = await sqs.receive('q', { MessageAttributeNames });
      return [Object.keys(message?.MessageAttributes ?? {}), message?.MD5OfMessageAttributes];
    };
    const all = await names('All');
    expect(all[0]).toEqual(['a.one', 'a.two', 'other']);
    expect(await names('.*')).toEqual(all);
    expect(await names('*')).toEqual(all);
    const prefix = await names('a.*');
    expect(prefix[0]).toEqual(['a.one', 'a.two']);
    expect(prefix[1]).not.toBe(all[1]);
    expect((await names('o.*'))[0]).toEqual(['other']);
    expect((await names('other'))[0]).toEqual(['other']);
    expect(await names('nope')).toEqual([[], undefined]);
    expect(await names()).toEqual([[], undefined]);
  });
});

describe('message contents', () => {
  it('an empty body is a missing one', async () => {
    const sqs = await setUp();
    const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: '' });
    expect(refused.code).toBe('MissingRequiredParameterException');
    expect(refused.message).toBe('The request must contain the parameter MessageBody.');
  });

  it.each(['\u0000', '\u0008', '\u000B', '\u001F', '\uFFFE', '\uFFFF', '\uD800', 'a\uDC00b'])(
    'the character %j is refused',
    async (character) => {
      const sqs = await setUp();
      const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: `x${character}` });
      expect(refused.code).toBe('InvalidMessageContents');
    },
  );

  it.each(['\t\n\r', ' ', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}', '😀'])(
    'the text %j comes back as it was',
    async (body) => {
      const sqs = await setUp();
      await sqs.send('q', body);
      expect(await sqs.bodies('q')).toEqual([body]);
    },
  );

  it('a message of exactly the limit passes, one byte more does not; attributes count, in UTF-8', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'x'.repeat(MIB));
    const over = `One or more parameters are invalid. Reason: Message must be shorter than ${MIB} bytes.`;
    expect((await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x'.repeat(MIB + 1) })).message).toBe(over);
    const MessageAttributes = { ab: text('é') }; // 2 + 6 + 2 bytes.
    await sqs.send('q', 'x'.repeat(MIB - 10), { MessageAttributes });
    const input = { QueueUrl: 'q', MessageBody: 'x'.repeat(MIB - 9), MessageAttributes };
    expect((await sqs.refusal('SendMessage', input)).message).toBe(over);
  });

  it('the limit of the queue holds', async () => {
    const sqs = await setUp({ MaximumMessageSize: '1024' });
    await sqs.send('q', 'x'.repeat(1_024));
    expect((await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x'.repeat(1_025) })).message).toBe(
      'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    );
  });
});

describe('message attributes', () => {
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, text('x')]));
  it.each([
    ['eleven', eleven, 'Number of message attributes [11] exceeds the allowed maximum [10].'],
    [
      'an empty value',
      { ErrorDetails: text('') },
      "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
    ],
    [
      'an unknown type',
      { a: text('x', 'Date') },
      "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
    ],
    [
      'a number that is none',
      { a: text('x', 'Number') },
      "Can't cast the value of message (user) attribute 'a' to a number.",
    ],
    ['a reserved name', { 'aWs.x': text('x') }, undefined],
    ['another reserved name', { 'AMAZON.x': text('x') }, undefined],
    ['a leading period', { '.x': text('x') }, undefined],
    ['a trailing period', { 'x.': text('x') }, undefined],
    ['two periods', { 'x..y': text('x') }, undefined],
    ['a forbidden character', { 'x!': text('x') }, undefined],
    ['a long name', { ['x'.repeat(257)]: text('x') }, undefined],
    ['a long type', { x: text('x', `Number.${'x'.repeat(256)}`) }, undefined],
    ['a control character', { x: text('\u0008') }, undefined],
    ['a binary value for a string', { x: { DataType: 'String', BinaryValue: new Uint8Array([1]) } }, undefined],
  ])('%s: refused', async (_case, MessageAttributes, message) => {
    const sqs = await setUp();
    const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageAttributes });
    expect(refused.code).toBe('InvalidParameterValueException');
    if (message !== undefined) expect(refused.message).toBe(message);
  });

  it('list values are not supported, as in AWS', async () => {
    const sqs = await setUp();
    const MessageAttributes = { a: { DataType: 'String', StringListValues: ['x'] } };
    const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageAttributes });
    expect(refused.code).toBe('UnsupportedOperation');
  });

  it('ten with labels and letters of any script pass', async () => {
    const sqs = await setUp();
    const names = ['attr.1øßä', ...Array.from({ length: 9 }, (_, index) => `a-${index}`)];
    const MessageAttributes = Object.fromEntries(names.map((name) => [name, text('1', 'Number.int')]));
    await sqs.send('q', 'x', { MessageAttributes });
    expect((await sqs.receive('q', { MessageAttributeNames: ['All'] }))[0]?.MessageAttributes).toEqual(
      MessageAttributes,
    );
  });

  it('the only system attribute is AWSTraceHeader, a string', async () => {
    const sqs = await setUp();
    for (const MessageSystemAttributes of [{ Other: text('x') }, { AWSTraceHeader: text('1', 'Number') }]) {
      const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageSystemAttributes });
      expect(refused.code).toBe('InvalidParameterValueException');
    }
  });
});

describe('batches', () => {
  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' }));
  const refusal = async (action: string, Entries: object[]) => {
    const sqs = await setUp();
    const { code, message } = await sqs.refusal(action, { QueueUrl: 'q', Entries });
    return [code, message];
  };

  it.each([
    ['SendMessageBatch', 'SendMessageBatchRequestEntry'],
    ['DeleteMessageBatch', 'DeleteMessageBatchRequestEntry'],
    ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibilityBatchRequestEntry'],
  ])('%s refuses wrong numbers and wrong ids as a whole', async (action, type) => {
    expect(await refusal(action, entries(20))).toEqual([
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10. You have sent 20.',
    ]);
    expect(await refusal(action, entries(11))).toEqual([
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10. You have sent 11.',
    ]);
    expect(await refusal(action, [])).toEqual([
      'EmptyBatchRequest',
      `There should be at least one ${type} in the request.`,
    ]);
    expect(await refusal(action, [...entries(2), { Id: '1', MessageBody: 'x' }])).toEqual([
      'BatchEntryIdsNotDistinct',
      'Id 1 repeated.',
    ]);
    for (const Id of ['', 'invalid:id', 'x'.repeat(81)]) {
      expect(await refusal(action, [{ Id, MessageBody: 'x' }])).toEqual([
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      ]);
    }
  });

  it('a batch one byte too big says how big it was', async () => {
    const half = 'x'.repeat(MIB / 2);
    const Entries = [
      { Id: 'a', MessageBody: half },
      { Id: 'b', MessageBody: `${half}x` },
    ];
    expect(await refusal('SendMessageBatch', Entries)).toEqual([
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MIB} bytes. You have sent ${MIB + 1} bytes.`,
    ]);
  });

  it('what one entry is refused for does not stop the others', async () => {
    const sqs = await setUp({ MaximumMessageSize: '1024' });
    const answer = await sqs.sqs<SendMessageBatchResult>('SendMessageBatch', {
      QueueUrl: 'q',
      Entries: [
        { Id: 'good', MessageBody: 'x' },
        { Id: 'big', MessageBody: 'x'.repeat(1_025) },
        { Id: 'character', MessageBody: '\u0001' },
        { Id: 'late', MessageBody: 'y', DelaySeconds: 5 },
      ],
    });
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good', 'late']);
    expect(answer.Failed).toEqual([
      {
        Id: 'big',
        Code: 'InvalidParameterValue',
        Message: 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
        SenderFault: true,
      },
      expect.objectContaining({ Id: 'character', Code: 'InvalidMessageContents', SenderFault: true }),
    ]);
    expect(await sqs.counts('q')).toEqual([1, 0, 1]);
  });

  it('a batch to a FIFO queue without group or deduplication id fails as a whole', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q.fifo');
    const refused = async (entry: object) =>
      sqs.refusal('SendMessageBatch', { QueueUrl: 'q.fifo', Entries: [{ Id: 'a', MessageBody: 'x', ...entry }] });
    expect(await refused({})).toMatchObject({
      code: 'InvalidParameterValueException',
      message: 'The request must contain the parameter MessageGroupId.',
    });
    expect(await refused({ MessageGroupId: 'g' })).toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    });
  });

  it('deletes and visibility changes answer for each entry', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'a');
    await sqs.send('q', 'b');
    const [a, b] = await sqs.receive('q', { MaxNumberOfMessages: 10 });
    const garbage = { Id: 'x', ReceiptHandle: 'garbage', VisibilityTimeout: 1 };
    const failed = [expect.objectContaining({ Id: 'x', Code: 'ReceiptHandleIsInvalid', SenderFault: true })];
    const changes = [{ Id: 'a', ReceiptHandle: a?.ReceiptHandle, VisibilityTimeout: 0 }, garbage];
    expect(await sqs.sqs('ChangeMessageVisibilityBatch', { QueueUrl: 'q', Entries: changes })).toEqual({
      Successful: [{ Id: 'a' }],
      Failed: failed,
    });
    const deletes = [{ Id: 'b', ReceiptHandle: b?.ReceiptHandle }];
    expect(await sqs.sqs('DeleteMessageBatch', { QueueUrl: 'q', Entries: deletes })).toEqual({
      Successful: [{ Id: 'b' }],
    });
    expect(await sqs.bodies('q')).toEqual(['a']);
  });
});
