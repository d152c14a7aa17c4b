import type { TestEngine } from '../../../test-engine.ts';
import { createFunction, messagesOf } from '../function-bench.ts';

/** What arrived where a record or a dead-lettered event was sent. */
export interface Arrival {
  /** The text as the sender wrote it. */
  readonly text: string;
  /** Milliseconds; only where the target tells. */
  readonly sentAt?: number | undefined;
  /** Attributes of the message, by name: data type and value. */
  readonly attributes?: Readonly<Record<string, readonly [string, string]>> | undefined;
  /** What the target adds around the text: an EventBridge event, the key of an object. */
  readonly envelope?: unknown;
}

/** A real target of records or dead-lettered events. */
export interface Sink {
  readonly arn: string;
  /** Everything that has arrived; to be asked once. */
  arrivals(): Promise<Arrival[]>;
  /** Takes the target away. */
  remove(): Promise<unknown>;
}

const OPEN = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
});

const arnOf = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

const queue = async (test: TestEngine, QueueName: string): Promise<string> => {
  const Attributes = { Policy: OPEN };
  return (await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName, Attributes })).QueueUrl;
};

/** For tests: targets of every kind, made of the engine's own services. */
export const SINKS = {
  sqs: async (test, name) => {
    const QueueUrl = await queue(test, name);
    return {
      arn: arnOf('sqs', name),
      arrivals: async () =>
        (await messagesOf(test, QueueUrl)).map(({ Body, Attributes, MessageAttributes = {} }) => ({
          text: Body,
          sentAt: Number(Attributes['SentTimestamp']),
          attributes: Object.fromEntries(
            Object.entries(MessageAttributes).map(([key, value]) => [key, [value.DataType, value.StringValue]]),
          ),
        })),
      remove: () => test.call('sqs', 'DeleteQueue', { QueueUrl }),
    };
  },
  sns: async (test, name) => {
    const QueueUrl = await queue(test, `${name}-feed`);
    const { TopicArn } = await test.call<{ TopicArn: string }>('sns', 'CreateTopic', { Name: name });
    await test.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arnOf('sqs', `${name}-feed`) });
    return {
      arn: TopicArn,
      arrivals: async () =>
        (await messagesOf(test, QueueUrl)).map(({ Body }) => {
          const envelope = JSON.parse(Body) as {
            Message: string;
            Timestamp: string;
            MessageAttributes?: Record<string, { Type: string; Value: string }>;
          };
          return {
            text: envelope.Message,
            sentAt: Date.parse(envelope.Timestamp),
            attributes: Object.fromEntries(
              Object.entries(envelope.MessageAttributes ?? {}).map(([key, value]) => [key, [value.Type, value.Value]]),
            ),
          };
        }),
      remove: () => test.call('sns', 'DeleteTopic', { TopicArn }),
    };
  },
  lambda: async (test, name) => {
    await createFunction(test, name);
    return {
      arn: arnOf('lambda', `function:${name}`),
      arrivals: async () =>
        test.invocations
          .filter((invocation) => invocation.spec.functionName === name)
          .map((invocation) => ({ text: invocation.payload })),
      remove: () => test.call('lambda', 'DeleteFunction', { FunctionName: name }),
    };
  },
  events: async (test, name) => {
    const QueueUrl = await queue(test, `${name}-feed`);
    await test.call('events', 'CreateEventBus', { Name: name });
    const rule = { EventBusName: name, Name: 'all' };
    await test.call('events', 'PutRule', { ...rule, EventPattern: '{"version":["0"]}' });
    await test.call('events', 'PutTargets', {
      EventBusName: name,
      Rule: 'all',
      Targets: [{ Id: 'feed', Arn: arnOf('sqs', `${name}-feed`) }],
    });
    return {
      arn: arnOf('events', `event-bus/${name}`),
      arrivals: async () =>
        (await messagesOf(test, QueueUrl)).map(({ Body }) => {
          const envelope = JSON.parse(Body) as { detail: unknown; time: string };
          return { text: JSON.stringify(envelope.detail), envelope };
        }),
      remove: async () => {
        await test.call('events', 'RemoveTargets', { EventBusName: name, Rule: 'all', Ids: ['feed'] });
        await test.call('events', 'DeleteRule', rule);
        await test.call('events', 'DeleteEventBus', { Name: name });
      },
    };
  },
  s3: async (test, name) => {
    await test.call('s3', 'CreateBucket', { Bucket: name });
    return {
      arn: `arn:aws:s3:::${name}`,
      arrivals: async () => {
        const { Contents = [] } = await test.call<{ Contents?: { Key: string }[] }>('s3', 'ListObjectsV2', {
          Bucket: name,
        });
        return Promise.all(
          Contents.map(async ({ Key }) => {
            const { Body } = await test.call<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket: name, Key });
            return { text: new TextDecoder().decode(Body), envelope: Key };
          }),
        );
      },
      remove: () => test.call('s3', 'DeleteBucket', { Bucket: name }),
    };
  },
} satisfies Record<string, (test: TestEngine, name: string) => Promise<Sink>>;

export type SinkKind = keyof typeof SINKS;
