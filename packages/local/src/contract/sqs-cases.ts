import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { ClientError, type Json, type SqsClientUnderTest } from './sqs-client.ts';

/** What a case works with: one client, an account of its own in virtual time. */
export interface Bench {
  readonly client: SqsClientUnderTest;
  readonly endpoint: string;
  advance(seconds: number): Promise<void>;
  /** A call by somebody else at the same time: a client may do only one thing at once. */
  meanwhile(action: string, input: Json): Promise<Json>;
}

export interface ContractCase {
  readonly name: string;
  readonly needsBytes?: true;
  run(bench: Bench): Promise<void>;
}

interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, Json>>;
  readonly MD5OfMessageAttributes?: string;
}

let queues = 0;
const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

interface TestQueue {
  readonly name: string;
  readonly QueueUrl: string;
  readonly arn: string;
}

const createQueue = async ({ client }: Bench, Attributes: Json = {}, suffix = ''): Promise<TestQueue> => {
  const name = `contract-${++queues}${suffix}`;
  const given = Object.keys(Attributes).length === 0 ? {} : { Attributes };
  const { QueueUrl } = await client.call('CreateQueue', { QueueName: name, ...given });
  return { name, QueueUrl: QueueUrl as string, arn: arnOf(name) };
};

const receive = async ({ client }: Bench, QueueUrl: string, more: Json = {}): Promise<readonly Received[]> => {
  const { Messages = [] } = await client.call('ReceiveMessage', { QueueUrl, ...more });
  return Messages as readonly Received[];
};

const attributesOf = async ({ client }: Bench, QueueUrl: string, ...AttributeNames: string[]): Promise<Json> =>
  ((await client.call('GetQueueAttributes', { QueueUrl, AttributeNames })).Attributes ?? {}) as Json;

const expectError = async (
  call: Promise<unknown>,
  code: string,
  message: string | RegExp,
  status = 400,
): Promise<void> => {
  const error = await call.then(
    (output) => expect.unreachable(`succeeded with ${JSON.stringify(output)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ClientError);
  const { code: actual, message: text, status: answered = status } = error as ClientError;
  expect([actual, answered]).toEqual([code, status]);
  if (typeof message === 'string') expect(text).toBe(message);
  else expect(text).toMatch(message);
};

/** What SQS promises to every client, whichever protocol it speaks. */
export const sqsCases: readonly ContractCase[] = [
  {
    name: 'a queue is created, found by name, listed with its prefix, and deleted',
    run: async (bench) => {
      const { client, endpoint } = bench;
      const { name, QueueUrl } = await createQueue(bench);
      expect(QueueUrl).toBe(`${endpoint}/000000000000/${name}`);
      expect(await client.call('GetQueueUrl', { QueueName: name })).toEqual({ QueueUrl });
      expect(await client.call('ListQueues', { QueueNamePrefix: name })).toMatchObject({ QueueUrls: [QueueUrl] });
      expect(await client.call('CreateQueue', { QueueName: name })).toEqual({ QueueUrl });
      await expectError(
        client.call('CreateQueue', { QueueName: name, Attributes: { DelaySeconds: '7' } }),
        'QueueAlreadyExists',
        'A queue already exists with the same name and a different value for attribute DelaySeconds',
      );
      await client.call('DeleteQueue', { QueueUrl });
      await expectError(
        client.call('GetQueueUrl', { QueueName: name }),
        'AWS.SimpleQueueService.NonExistentQueue',
        /^The specified queue does not exist/,
      );
      await expectError(
        client.call('CreateQueue', { QueueName: name }),
        'AWS.SimpleQueueService.QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
      await bench.advance(61);
      expect(await client.call('CreateQueue', { QueueName: name })).toEqual({ QueueUrl });
    },
  },
  {
    name: 'attributes are set, given back as text, and checked',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl, arn } = await createQueue(bench, { VisibilityTimeout: '5', DelaySeconds: '0' });
      expect(await attributesOf(bench, QueueUrl, 'VisibilityTimeout', 'QueueArn')).toEqual({
        VisibilityTimeout: '5',
        QueueArn: arn,
      });
      await client.call('SetQueueAttributes', { QueueUrl, Attributes: { MessageRetentionPeriod: '60' } });
      const all = await attributesOf(bench, QueueUrl, 'All');
      expect(Object.keys(all).sort()).toEqual([
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
        'CreatedTimestamp',
        'DelaySeconds',
        'LastModifiedTimestamp',
        'MaximumMessageSize',
        'MessageRetentionPeriod',
        'QueueArn',
        'ReceiveMessageWaitTimeSeconds',
        'SqsManagedSseEnabled',
        'VisibilityTimeout',
      ]);
      expect(all).toMatchObject({ MessageRetentionPeriod: '60', MaximumMessageSize: '1048576' });
      await expectError(
        client.call('SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '43201' } }),
        'InvalidAttributeValue',
        'Invalid value for the parameter VisibilityTimeout.',
      );
      await expectError(
        client.call('SetQueueAttributes', { QueueUrl, Attributes: { NoSuchThing: '1' } }),
        'InvalidAttributeName',
        'Unknown Attribute NoSuchThing.',
      );
    },
  },
  {
    name: 'tags are kept and taken away',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench);
      await client.call('TagQueue', { QueueUrl, Tags: { team: 'a & b', stage: 'test' } });
      await client.call('UntagQueue', { QueueUrl, TagKeys: ['stage'] });
      expect((await client.call('ListQueueTags', { QueueUrl })).Tags).toEqual({ team: 'a & b' });
    },
  },
  {
    name: 'a body comes back byte for byte with its MD5 and system attributes',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench);
      for (const MessageBody of [
        'x',
        'a <b> & "c" \'d\'',
        '\t line\r\n two\n',
        'ü € 😀 \u0085\u2028',
        ' padded ',
        '{"a":"\\n"}',
      ]) {
        const sent = await client.call('SendMessage', { QueueUrl, MessageBody });
        expect(sent).toMatchObject({ MD5OfMessageBody: md5(MessageBody) });
        const [message] = await receive(bench, QueueUrl, { AttributeNames: ['All'] });
        expect(message).toMatchObject({ MessageId: sent['MessageId'], Body: MessageBody, MD5OfBody: md5(MessageBody) });
        expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' });
        expect(message?.Attributes?.['SentTimestamp']).toMatch(/^\d{13}$/);
        await client.call('DeleteMessage', { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
      }
      expect(await receive(bench, QueueUrl)).toEqual([]);
    },
  },
  {
    name: 'message attributes come back as asked for, with the MD5 that AWS computes',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench);
      const sent = await client.call('SendMessage', {
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { attr1: { DataType: 'Number', StringValue: '99.12' } },
      });
      expect(sent['MD5OfMessageAttributes']).toBe('d302007e9aa062660afc85fd0a482472');
      const [message] = await receive(bench, QueueUrl, { MessageAttributeNames: ['attr*', 'attr1'] });
      expect(message?.MessageAttributes).toEqual({ attr1: { DataType: 'Number', StringValue: '99.12' } });
      expect(message?.MD5OfMessageAttributes).toBe('d302007e9aa062660afc85fd0a482472');
    },
  },
  {
    name: 'binary attributes stay bytes',
    needsBytes: true,
    run: async (bench) => {
      const { QueueUrl } = await createQueue(bench);
      const bytes = new Uint8Array([0, 1, 127, 128, 255]);
      await bench.client.call('SendMessage', {
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { b: { DataType: 'Binary.raw', BinaryValue: bytes } },
      });
      const [message] = await receive(bench, QueueUrl, { MessageAttributeNames: ['All'] });
      const b = message?.MessageAttributes?.['b'] ?? {};
      expect(b['DataType']).toBe('Binary.raw');
      expect([...(b['BinaryValue'] as Uint8Array)]).toEqual([...bytes]);
    },
  },
  {
    name: 'a batch may fail in part, and as a whole when it is malformed',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench, { MaximumMessageSize: '1024' });
      const outcome = await client.call('SendMessageBatch', {
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'x' },
          { Id: 'large', MessageBody: 'x'.repeat(1_025) },
        ],
      });
      expect(outcome['Successful']).toMatchObject([{ Id: 'good', MD5OfMessageBody: md5('x') }]);
      expect(outcome['Failed']).toEqual([
        {
          Id: 'large',
          SenderFault: true,
          Code: 'InvalidParameterValue',
          Message: 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
        },
      ]);
      const send = (Entries: readonly Json[]) => client.call('SendMessageBatch', { QueueUrl, Entries });
      await expectError(
        send([
          { Id: 'a', MessageBody: 'x' },
          { Id: 'a', MessageBody: 'y' },
        ]),
        'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
        'Id a repeated.',
      );
      await expectError(
        send(Array.from({ length: 11 }, (_, id) => ({ Id: String(id), MessageBody: 'x' }))),
        'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
        'Maximum number of entries per request are 10. You have sent 11.',
      );
      await expectError(
        send([{ Id: 'not valid', MessageBody: 'x' }]),
        'AWS.SimpleQueueService.InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
      const [message] = await receive(bench, QueueUrl);
      const Entries = [
        { Id: 'one', ReceiptHandle: message?.ReceiptHandle },
        { Id: 'two', ReceiptHandle: 'garbage' },
      ];
      const deleted = await client.call('DeleteMessageBatch', { QueueUrl, Entries });
      expect(deleted['Successful']).toEqual([{ Id: 'one' }]);
      expect(deleted['Failed']).toMatchObject([{ Id: 'two', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    },
  },
  {
    name: 'a received message is invisible until its timeout, which can be changed, alone and in batches',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench, { VisibilityTimeout: '10' });
      await client.call('SendMessage', { QueueUrl, MessageBody: 'x' });
      const [first] = await receive(bench, QueueUrl);
      const { ReceiptHandle } = first as Received;
      expect(await attributesOf(bench, QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toEqual({
        ApproximateNumberOfMessagesNotVisible: '1',
      });
      await client.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 30 });
      await bench.advance(29);
      expect(await receive(bench, QueueUrl)).toEqual([]);
      await bench.advance(2);
      const [second] = await receive(bench, QueueUrl, { AttributeNames: ['ApproximateReceiveCount'] });
      expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
      const changed = await client.call('ChangeMessageVisibilityBatch', {
        QueueUrl,
        Entries: [{ Id: 'now', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 }],
      });
      expect(changed['Successful']).toEqual([{ Id: 'now' }]);
      const [third] = await receive(bench, QueueUrl);
      expect(third?.MessageId).toBe(first?.MessageId);
      await expectError(
        client.call('ChangeMessageVisibility', {
          QueueUrl,
          ReceiptHandle: third?.ReceiptHandle,
          VisibilityTimeout: 43_201,
        }),
        'InvalidParameterValue',
        'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.',
      );
    },
  },
  {
    name: 'a delayed message comes when its delay is over',
    run: async (bench) => {
      const { QueueUrl } = await createQueue(bench);
      await bench.client.call('SendMessage', { QueueUrl, MessageBody: 'late', DelaySeconds: 60 });
      expect(await receive(bench, QueueUrl)).toEqual([]);
      await bench.advance(61);
      expect(await receive(bench, QueueUrl)).toMatchObject([{ Body: 'late' }]);
    },
  },
  {
    name: 'a long poll ends with the message that arrives',
    run: async (bench) => {
      const { QueueUrl } = await createQueue(bench);
      const waiting = receive(bench, QueueUrl, { WaitTimeSeconds: 20 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await bench.meanwhile('SendMessage', { QueueUrl, MessageBody: 'woken' });
      expect(await waiting).toMatchObject([{ Body: 'woken' }]);
    },
  },
  {
    name: 'a message received too often goes to the dead-letter queue, and a move task brings it back',
    run: async (bench) => {
      const { client } = bench;
      const dead = await createQueue(bench);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
      const source = await createQueue(bench, { RedrivePolicy, VisibilityTimeout: '1' });
      const { MessageId } = await client.call('SendMessage', { QueueUrl: source.QueueUrl, MessageBody: 'poison' });
      for (let count = 0; count < 2; count++) {
        expect(await receive(bench, source.QueueUrl)).toHaveLength(1);
        await bench.advance(2);
      }
      expect(await receive(bench, source.QueueUrl)).toEqual([]);
      const [message] = await receive(bench, dead.QueueUrl, { AttributeNames: ['All'], VisibilityTimeout: 0 });
      expect(message).toMatchObject({ MessageId, Body: 'poison' });
      expect(message?.Attributes).toMatchObject({
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: source.arn,
      });
      expect(await client.call('ListDeadLetterSourceQueues', { QueueUrl: dead.QueueUrl })).toMatchObject({
        queueUrls: [source.QueueUrl],
      });

      const { TaskHandle } = await client.call('StartMessageMoveTask', { SourceArn: dead.arn });
      expect(TaskHandle).toEqual(expect.any(String));
      await bench.advance(5);
      const { Results } = await client.call('ListMessageMoveTasks', { SourceArn: dead.arn });
      expect(Results).toMatchObject([
        { Status: 'COMPLETED', SourceArn: dead.arn, ApproximateNumberOfMessagesMoved: 1 },
      ]);
      expect(await receive(bench, source.QueueUrl)).toMatchObject([{ Body: 'poison' }]);
      await expectError(
        client.call('StartMessageMoveTask', { SourceArn: source.arn }),
        'InvalidParameterValue',
        'Source queue must be configured as a Dead Letter Queue.',
      );
      await expectError(
        client.call('StartMessageMoveTask', { SourceArn: arnOf('nobody') }),
        'ResourceNotFoundException',
        "The resource that you specified for the SourceArn parameter doesn't exist.",
        404,
      );
    },
  },
  {
    name: 'a move task keeps to its rate and can be cancelled',
    run: async (bench) => {
      const { client } = bench;
      const dead = await createQueue(bench);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
      const source = await createQueue(bench, { RedrivePolicy });
      const Entries = Array.from({ length: 10 }, (_, id) => ({ Id: String(id), MessageBody: String(id) }));
      for (let batch = 0; batch < 3; batch++) {
        await client.call('SendMessageBatch', { QueueUrl: dead.QueueUrl, Entries });
      }
      const { TaskHandle } = await client.call('StartMessageMoveTask', {
        SourceArn: dead.arn,
        DestinationArn: source.arn,
        MaxNumberOfMessagesPerSecond: 1,
      });
      await bench.advance(4);
      const cancelled = await client.call('CancelMessageMoveTask', { TaskHandle });
      const moved = Number(cancelled['ApproximateNumberOfMessagesMoved']);
      expect(moved).toBeGreaterThanOrEqual(3);
      expect(moved).toBeLessThanOrEqual(6);
      await bench.advance(20);
      const { Results } = await client.call('ListMessageMoveTasks', { SourceArn: dead.arn });
      expect(Results).toMatchObject([{ Status: 'CANCELLED', MaxNumberOfMessagesPerSecond: 1 }]);
      const arrived = await attributesOf(bench, source.QueueUrl, 'ApproximateNumberOfMessages');
      // A cancelled task goes on for a while, as AWS's do.
      expect(Number(arrived['ApproximateNumberOfMessages'])).toBeLessThanOrEqual(moved + 10);
    },
  },
  {
    name: 'a FIFO queue keeps the order of groups and knows duplicates',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench, { FifoQueue: 'true', ContentBasedDeduplication: 'true' }, '.fifo');
      const send = (MessageBody: string, MessageGroupId: string, more: Json = {}) =>
        client.call('SendMessage', { QueueUrl, MessageBody, MessageGroupId, ...more });
      const first = await send('a1', 'a');
      expect(first['SequenceNumber']).toMatch(/^\d{20}$/);
      const again = await send('a1', 'a');
      expect([again['MessageId'], again['SequenceNumber']]).toEqual([first['MessageId'], first['SequenceNumber']]);
      await send('a2', 'a');
      await send('b1', 'b');
      const [head] = await receive(bench, QueueUrl, { AttributeNames: ['All'] });
      expect(head).toMatchObject({ Body: 'a1' });
      expect(head?.Attributes).toMatchObject({
        MessageGroupId: 'a',
        SequenceNumber: first['SequenceNumber'],
        MessageDeduplicationId: createHash('sha256').update('a1').digest('hex'),
      });
      const others = await receive(bench, QueueUrl, { MaxNumberOfMessages: 10 });
      expect(others.map(({ Body }) => Body)).toEqual(['b1']);
      await client.call('DeleteMessage', { QueueUrl, ReceiptHandle: head?.ReceiptHandle });
      expect(await receive(bench, QueueUrl)).toMatchObject([{ Body: 'a2' }]);
      await expectError(
        client.call('SendMessage', { QueueUrl, MessageBody: 'x' }),
        'MissingParameter',
        'The request must contain the parameter MessageGroupId.',
      );
      await expectError(
        send('x', 'a', { DelaySeconds: 2 }),
        'InvalidParameterValue',
        'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
      );
    },
  },
  {
    name: 'purging empties a queue, once a minute',
    run: async (bench) => {
      const { client } = bench;
      const { name, QueueUrl } = await createQueue(bench);
      await client.call('SendMessage', { QueueUrl, MessageBody: 'x' });
      await client.call('PurgeQueue', { QueueUrl });
      expect(await receive(bench, QueueUrl)).toEqual([]);
      await expectError(
        client.call('PurgeQueue', { QueueUrl }),
        'AWS.SimpleQueueService.PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
        403,
      );
    },
  },
  {
    name: 'permissions become a policy',
    run: async (bench) => {
      const { client } = bench;
      const { QueueUrl } = await createQueue(bench);
      const permission = { QueueUrl, Label: 'l', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] };
      await client.call('AddPermission', permission);
      const { Policy } = await attributesOf(bench, QueueUrl, 'Policy');
      expect(JSON.parse(String(Policy))).toMatchObject({ Statement: [{ Sid: 'l', Effect: 'Allow' }] });
      await expectError(
        client.call('AddPermission', permission),
        'InvalidParameterValue',
        'Value l for parameter Label is invalid. Reason: Already exists.',
      );
      await client.call('RemovePermission', { QueueUrl, Label: 'l' });
      expect(await attributesOf(bench, QueueUrl, 'Policy')).toEqual({});
    },
  },
  {
    name: 'what is wrong with a call is said in the words of AWS',
    run: async (bench) => {
      const { client, endpoint } = bench;
      const { QueueUrl } = await createQueue(bench);
      await expectError(
        client.call('SendMessage', { QueueUrl: `${endpoint}/000000000000/nobody`, MessageBody: 'x' }),
        'AWS.SimpleQueueService.NonExistentQueue',
        /^The specified queue does not exist/,
      );
      await expectError(
        client.call('SendMessage', { QueueUrl, MessageBody: '' }),
        'MissingParameter',
        'The request must contain the parameter MessageBody.',
      );
      await expectError(
        client.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 11 }),
        'InvalidParameterValue',
        'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
      );
      await expectError(
        client.call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 21 }),
        'InvalidParameterValue',
        'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
      );
      await expectError(
        client.call('DeleteMessage', { QueueUrl, ReceiptHandle: 'garbage' }),
        'ReceiptHandleIsInvalid',
        'The input receipt handle "garbage" is not a valid receipt handle.',
      );
      await expectError(
        client.call('SendMessage', { QueueUrl, MessageBody: 'not \u0001 allowed' }),
        'InvalidMessageContents',
        /^Invalid characters found/,
      );
      await expectError(
        client.call('CreateQueue', { QueueName: 'not valid' }),
        'InvalidParameterValue',
        /Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length/,
      );
    },
  },
];
