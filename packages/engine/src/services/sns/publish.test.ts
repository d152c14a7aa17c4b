import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from '../s3/bucket-bench.ts';
import { SnsService } from './service.ts';

const ARN = 'arn:aws:sns:us-east-1:000000000000:orders';
const FIFO = `${ARN}.fifo`;
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const DLQ = 'arn:aws:sqs:us-east-1:000000000000:dlq';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const fresh = (store = new MapStore()) => new TestBench((environment) => new SnsService(environment), store);

/** A bench with a topic and one subscription to it. */
const subscribed = (more: object = {}, store = new MapStore()) => {
  const bench = fresh(store);
  bench.call('CreateTopic', { Name: 'orders' });
  const { SubscriptionArn } = bench.call<{ SubscriptionArn: string }>('Subscribe', {
    TopicArn: ARN,
    Protocol: 'sqs',
    Endpoint: QUEUE,
    ...more,
  });
  return { bench, SubscriptionArn };
};
const publish = (bench: TestBench<SnsService>, input: object = {}, context: object = {}) =>
  bench.call<{ MessageId: string; SequenceNumber?: string }>(
    'Publish',
    { TopicArn: ARN, Message: 'hi', ...input },
    context,
  );
const metric = (bench: TestBench<SnsService>, name: string) =>
  bench.metrics.filter((point) => point.name === name).length;
const bodies = (bench: TestBench<SnsService>, target = QUEUE) =>
  bench.arrivals.filter((arrival) => arrival.target === target).map((arrival) => arrival.message.body);

describe('a message to a queue', () => {
  it('comes in an envelope laid out as SNS does', () => {
    const { bench, SubscriptionArn } = subscribed();

    const { MessageId } = publish(bench, {
      Subject: 'News',
      Message: 'a "b" ü',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'order' },
        raw: { DataType: 'Binary', BinaryValue: new Uint8Array([2, 3, 4]) },
      },
    });

    const body = bodies(bench)[0] ?? '';
    expect(
      body.startsWith(`{\n  "Type" : "Notification",\n  "MessageId" : "${MessageId}",\n  "TopicArn" : "${ARN}",\n`),
    ).toBe(true);
    expect(body).toContain('  "MessageAttributes" : {\n    "kind" : {"Type":"String","Value":"order"},\n');
    expect(JSON.parse(body)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: ARN,
      Subject: 'News',
      Message: 'a "b" ü',
      Timestamp: '2025-01-01T00:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/),
      SigningCertURL: expect.stringMatching(/SimpleNotificationService-[0-9a-f]{32}\.pem$/),
      UnsubscribeURL: expect.stringContaining(`?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`),
      MessageAttributes: { kind: { Type: 'String', Value: 'order' }, raw: { Type: 'Binary', Value: 'AgME' } },
    });
    expect(Object.keys(JSON.parse(body))).toEqual([
      'Type',
      'MessageId',
      'TopicArn',
      'Subject',
      'Message',
      'Timestamp',
      'SignatureVersion',
      'Signature',
      'SigningCertURL',
      'UnsubscribeURL',
      'MessageAttributes',
    ]);
    expect(bench.arrivals[0]?.message.attributes).toBeUndefined();
  });

  it('comes bare with raw delivery, attributes beside it', () => {
    const { bench } = subscribed({ Attributes: { RawMessageDelivery: 'true' } });

    publish(bench, {
      MessageAttributes: {
        n: { DataType: 'Number', StringValue: '99.12' },
        raw: { DataType: 'Binary', BinaryValue: new Uint8Array([2, 3, 4]) },
      },
    });

    expect(bench.arrivals[0]?.message).toEqual({
      body: 'hi',
      attributes: {
        n: { dataType: 'Number', stringValue: '99.12' },
        raw: { dataType: 'Binary', binaryValue: new Uint8Array([2, 3, 4]) },
      },
    });
  });

  it('carries sender, trace and group', () => {
    const { bench } = subscribed();

    publish(bench, { MessageGroupId: 'g' }, { traceHeader: 'Root=1-2-3' });

    expect(bench.arrivals[0]?.sender).toEqual({
      principal: 'sns.amazonaws.com',
      sourceArn: ARN,
      sourceAccount: '000000000000',
      traceHeader: 'Root=1-2-3',
    });
    expect(bench.arrivals[0]?.message.groupId).toBe('g');
  });
});

describe('a message to a function', () => {
  it('comes as one record', () => {
    const { bench, SubscriptionArn } = subscribed({ Protocol: 'lambda', Endpoint: FUNCTION });

    const { MessageId } = publish(bench);

    expect(JSON.parse(bench.arrivals[0]?.message.payload ?? '')).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: SubscriptionArn,
          Sns: {
            Type: 'Notification',
            MessageId,
            TopicArn: ARN,
            Subject: null,
            Message: 'hi',
            Timestamp: '2025-01-01T00:00:00.000Z',
            SignatureVersion: '1',
            Signature: expect.any(String),
            SigningCertUrl: expect.any(String),
            UnsubscribeUrl: expect.any(String),
            MessageAttributes: {},
          },
        },
      ],
    });
  });
});

describe('a message to a mailbox', () => {
  it('is captured, told to listeners and kept over a restart', () => {
    const store = new MapStore();
    const { bench } = subscribed({ Protocol: 'email', Endpoint: 'vendor@example.com' }, store);
    const heard: string[] = [];
    const stop = bench.service.onMail((mail) => heard.push(mail.body));

    publish(bench, {
      Subject: 'Rejected rows',
      Message: '{"default":"d","email":"see the report"}',
      MessageStructure: 'json',
    });
    stop();
    publish(bench);

    expect(heard).toEqual(['see the report']);
    expect(fresh(store).service.mails()).toEqual([
      {
        at: Date.UTC(2025, 0, 1),
        to: 'vendor@example.com',
        topicArn: ARN,
        subject: 'Rejected rows',
        body: 'see the report',
      },
      {
        at: Date.UTC(2025, 0, 1),
        to: 'vendor@example.com',
        topicArn: ARN,
        subject: 'AWS Notification Message',
        body: 'hi',
      },
    ]);
  });
});

describe('filters', () => {
  it('let a message through to those who want it', () => {
    const { bench } = subscribed({ Attributes: { FilterPolicy: '{"kind":["order"]}' } });

    publish(bench);
    publish(bench, { MessageAttributes: { kind: { DataType: 'String', StringValue: 'order' } } });

    expect(bench.arrivals).toHaveLength(1);
    expect(metric(bench, 'NumberOfMessagesPublished')).toBe(2);
    expect(metric(bench, 'NumberOfNotificationsFilteredOut')).toBe(1);
    expect(metric(bench, 'NumberOfNotificationsDelivered')).toBe(1);
    expect(bench.metrics[0]).toMatchObject({ namespace: 'AWS/SNS', dimensions: { TopicName: 'orders' } });
  });

  it('may look into the body', () => {
    const { bench } = subscribed({
      Attributes: { FilterPolicy: '{"order":{"total":[{"numeric":[">",10]}]}}', FilterPolicyScope: 'MessageBody' },
    });

    publish(bench, { Message: '{"order":{"total":11}}' });
    publish(bench, { Message: '{"order":{"total":9}}' });
    publish(bench, { Message: 'no JSON' });

    expect(bench.arrivals).toHaveLength(1);
  });
});

describe('what is published', () => {
  const { bench } = subscribed();
  const refusal = (input: object) => bench.refusal('Publish', { TopicArn: ARN, Message: 'hi', ...input });
  const attribute = (value: object) => refusal({ MessageAttributes: { attr1: value } }).message;

  it('may be as long as the topic says, up to 1 MiB', () => {
    const large = 'x'.repeat(262_145);
    const set = (AttributeValue: string): object => ({
      TopicArn: ARN,
      AttributeName: 'MaximumMessageSize',
      AttributeValue,
    });
    for (const value of ['1023', '1048577', 'x', '1.5', '-1']) {
      expect(bench.refusal('SetTopicAttributes', set(value)).message).toBe('Invalid parameter: MaximumMessageSize');
    }
    expect(bench.call('GetTopicAttributes', { TopicArn: ARN })['Attributes']).not.toHaveProperty('MaximumMessageSize');
    bench.call('SetTopicAttributes', set('1048576'));
    expect(bench.call('GetTopicAttributes', { TopicArn: ARN })['Attributes']).toMatchObject({
      MaximumMessageSize: '1048576',
    });
    expect(bench.call('Publish', { TopicArn: ARN, Message: large })).toHaveProperty('MessageId');
    bench.call('SetTopicAttributes', set(''));
    expect(refusal({ Message: large }).message).toBe('Invalid parameter: Message too long');
  });

  it('is refused in the words of AWS when it is wrong', () => {
    expect(refusal({ Message: '' }).message).toBe('Invalid parameter: Empty message');
    expect(refusal({ Subject: '' }).message).toBe('Invalid parameter: Subject');
    expect(refusal({ Subject: 'a\nb' }).message).toBe('Invalid parameter: Subject');
    expect(refusal({ Message: 'x'.repeat(262_145) }).message).toBe('Invalid parameter: Message too long');
    expect(refusal({ MessageStructure: 'json', Message: '{}' }).message).toBe(
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    );
    expect(refusal({ MessageStructure: 'json', Message: 'x' }).message).toBe(
      'Invalid parameter: Message Structure - JSON message body failed to parse',
    );
    expect(refusal({ MessageDeduplicationId: 'd' }).message).toMatch(
      /^Invalid parameter: MessageDeduplicationId Reason/,
    );
    expect(refusal({ TopicArn: `${ARN}-gone` }).code).toBe('NotFound');
    expect(refusal({ TopicArn: '' }).message).toBe(
      'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    );
    expect(refusal({ TopicArn: undefined, PhoneNumber: '+1' }).code).toBe('NotSupportedByHoldfast');
  });

  it('has well-formed attributes', () => {
    expect(attribute({ DataType: 'String', StringValue: '' })).toBe(
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    );
    expect(attribute({ StringValue: 'x' })).toBe(
      "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
    );
    expect(attribute({ DataType: 'Binary', StringValue: 'x' })).toBe(
      "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
    );
    expect(attribute({ DataType: 'Invalid', StringValue: 'x' })).toBe(
      "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    );
    expect(refusal({ MessageAttributes: { 'a^b': { DataType: 'String', StringValue: 'x' } } })).toMatchObject({
      code: 'ParameterValueInvalid',
      message:
        "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    });
  });

  it('may come in batches of ten with distinct ids', () => {
    const batch = (entries: object[]) => ({ TopicArn: ARN, PublishBatchRequestEntries: entries });
    const entry = (Id: string, Message = 'x') => ({ Id, Message });
    const no = (...entries: object[]) => bench.refusal('PublishBatch', batch(entries));

    expect(no(...Array.from({ length: 11 }, (_, n) => entry(`${n}`))).code).toBe('TooManyEntriesInBatchRequest');
    expect(no(entry('a'), entry('a')).message).toBe('Two or more batch entries in the request have the same Id.');
    expect(no(entry('message.id')).message).toBe(
      'The Id of a batch entry in the batch request contains an impermissible character: message.id',
    );
    expect(no(entry('a', 'x'.repeat(200_000)), entry('b', 'x'.repeat(100_000))).code).toBe('BatchRequestTooLong');
    expect(no().code).toBe('EmptyBatchRequest');
    const before = bench.arrivals.length;
    expect(bench.call('PublishBatch', batch([entry('a'), entry('b')]))).toEqual({
      Successful: [
        { Id: 'a', MessageId: expect.any(String) },
        { Id: 'b', MessageId: expect.any(String) },
      ],
      Failed: [],
    });
    expect(bench.arrivals.length - before).toBe(2);
  });
});

describe('an endpoint that fails', () => {
  const redrive = { Attributes: { RedrivePolicy: `{"deadLetterTargetArn":"${DLQ}"}` } };

  it('is tried at once, then after the delays of the schedule, until it works', () => {
    const { bench } = subscribed(redrive);
    bench.failing.add(QUEUE);

    publish(bench);
    bench.advance(1_000 + 1_000 + 1_000);
    bench.failing.delete(QUEUE);
    bench.advance(1_394);
    expect(bodies(bench)).toHaveLength(0);
    bench.advance(1);

    expect(bodies(bench)).toHaveLength(1);
    expect(bodies(bench, DLQ)).toHaveLength(0);
    expect(bench.timers.size).toBe(0);
  });

  it('is given up after 100,015 tries in 23 days; the dead-letter queue gets what the queue would have got', () => {
    const store = new MapStore();
    const { bench } = subscribed(redrive, store);
    bench.failing.add(QUEUE);

    publish(bench);
    bench.advance(23 * 86_400_000);
    expect(bodies(bench, DLQ)).toHaveLength(0);
    bench.advance(86_400_000);

    expect(bodies(bench, DLQ)).toHaveLength(1);
    expect(JSON.parse(bodies(bench, DLQ)[0] ?? '')).toMatchObject({ Type: 'Notification', Message: 'hi' });
    expect(metric(bench, 'NumberOfNotificationsFailed')).toBe(1);
    expect(metric(bench, 'NumberOfNotificationsRedrivenToDlq')).toBe(1);
    expect(store.keysOf('sns.pending-deliveries').length).toBe(0);
  });

  it('that is gone or lets nobody in is not tried again', () => {
    const { bench } = subscribed(redrive);

    bench.missing.add(QUEUE);
    publish(bench);
    bench.missing.clear();
    bench.closed.add(QUEUE);
    publish(bench);

    expect(bodies(bench, DLQ)).toHaveLength(2);
    expect(bench.timers.size).toBe(0);
  });

  it('costs the message when there is no dead-letter queue, and says so', () => {
    const { bench } = subscribed();
    bench.missing.add(QUEUE);

    publish(bench);

    expect(metric(bench, 'NumberOfNotificationsFailed')).toBe(1);
    expect(bench.arrivals).toHaveLength(0);
  });

  it('with a dead-letter queue that fails too is counted', () => {
    const { bench } = subscribed(redrive);
    bench.missing.add(QUEUE).add(DLQ);

    publish(bench);

    expect(metric(bench, 'NumberOfNotificationsFailedToRedriveToDlq')).toBe(1);
  });

  it('gets no raw message with more than ten attributes', () => {
    const { bench } = subscribed({ Attributes: { ...redrive.Attributes, RawMessageDelivery: 'true' } });
    const MessageAttributes = Object.fromEntries(
      Array.from({ length: 11 }, (_, n) => [`a${n}`, { DataType: 'String', StringValue: 'x' }]),
    );

    publish(bench, { MessageAttributes });

    expect(bodies(bench)).toHaveLength(0);
    expect(bodies(bench, DLQ)).toEqual(['hi']);
  });

  it('gets its message after a restart', () => {
    const store = new MapStore();
    const { bench } = subscribed({}, store);
    bench.failing.add(QUEUE);
    publish(bench);

    const after = fresh(store);
    after.advance(1_000);

    expect(JSON.parse(bodies(after)[0] ?? '')).toMatchObject({ Message: 'hi' });
    expect(store.keysOf('sns.pending-deliveries').length).toBe(0);
  });

  it('gets nothing more once it has unsubscribed', () => {
    const { bench, SubscriptionArn } = subscribed();
    bench.failing.add(QUEUE);
    publish(bench);

    bench.call('Unsubscribe', { SubscriptionArn });
    bench.failing.clear();
    bench.advance(86_400_000);

    expect(bench.arrivals).toHaveLength(0);
    expect(bench.timers.size).toBe(0);
  });
});

describe('a FIFO topic', () => {
  const fifo = (attributes: Record<string, string> = {}, store = new MapStore(), endpoint = `${QUEUE}.fifo`) => {
    const bench = fresh(store);
    bench.call('CreateTopic', { Name: 'orders.fifo', Attributes: { FifoTopic: 'true', ...attributes } });
    bench.call('Subscribe', { TopicArn: FIFO, Protocol: 'sqs', Endpoint: endpoint });
    return bench;
  };
  const send = (bench: TestBench<SnsService>, Message: string, more: object = {}) =>
    publish(bench, { TopicArn: FIFO, Message, MessageGroupId: 'g', MessageDeduplicationId: Message, ...more });

  it('delivers once per deduplication id within five minutes', () => {
    const bench = fifo({ ContentBasedDeduplication: 'true' });

    const first = send(bench, 'Test', { MessageDeduplicationId: undefined });
    const second = send(bench, 'Test', { MessageDeduplicationId: undefined });
    bench.advance(300_000);
    send(bench, 'Test', { MessageDeduplicationId: undefined });

    expect(second).toEqual(first);
    expect(bench.arrivals).toHaveLength(2);
    expect(bench.arrivals[0]?.message).toMatchObject({
      groupId: 'g',
      deduplicationId: '532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25',
    });
    const body = JSON.parse(bench.arrivals[0]?.message.body ?? '');
    expect(Object.keys(body)).toEqual([
      'Type',
      'MessageId',
      'SequenceNumber',
      'TopicArn',
      'Message',
      'Timestamp',
      'UnsubscribeURL',
    ]);
    expect(body.SequenceNumber).toBe(first.SequenceNumber);
  });

  it('remembers ids and numbers over a restart', () => {
    const store = new MapStore();
    const first = send(fifo({}, store), 'one');

    const after = fresh(store);
    const again = send(after, 'one');
    const next = send(after, 'two');

    expect(again).toEqual(first);
    expect((next.SequenceNumber ?? '') > (first.SequenceNumber ?? '')).toBe(true);
  });

  it('needs a group and something to tell duplicates by', () => {
    const bench = fifo();
    const no = (input: object) => bench.refusal('Publish', { TopicArn: FIFO, Message: 'x', ...input }).message;

    expect(no({})).toBe('Invalid parameter: The MessageGroupId parameter is required for FIFO topics');
    expect(no({ MessageGroupId: 'g' })).toBe(
      'Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  });

  it('keeps the order within a group while the queue fails, also over a restart', () => {
    const store = new MapStore();
    const bench = fifo({}, store);
    bench.failing.add(`${QUEUE}.fifo`);
    send(bench, 'one');
    bench.failing.clear();
    send(bench, 'two');
    send(bench, 'three');
    send(bench, 'other', { MessageGroupId: 'h' });
    expect(bench.arrivals.map((arrival) => JSON.parse(arrival.message.body).Message)).toEqual(['other']);

    const after = fresh(store);
    after.advance(1_000);

    expect(after.arrivals.map((arrival) => JSON.parse(arrival.message.body).Message)).toEqual(['one', 'two', 'three']);
    expect(after.timers.size).toBe(0);
  });

  it('may feed a standard queue, which gets no group', () => {
    const bench = fifo({}, new MapStore(), QUEUE);

    send(bench, 'one');

    expect(Object.keys(bench.arrivals[0]?.message ?? {})).toEqual(['body']);
  });
});
