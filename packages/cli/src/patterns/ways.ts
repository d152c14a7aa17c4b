import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { makeArn } from '@holdfast/aws-model';
import type { RecoveryKind, StackName } from '@holdfast/stacks';
import type { ClientSettings } from './pattern-engine.ts';
import { invocationCost, PRICES } from './prices.ts';

/** One of the ways to try again that the stacks show. */
export interface Way {
  readonly name: string;
  readonly stack: StackName;
  /** Of `VendorOnboarding`. */
  readonly recovery?: RecoveryKind;
  /** The function that processes events; the workload takes its place. */
  readonly function: string;
  /** Where failures are kept. */
  readonly keptIn: readonly string[];
  /** The bucket and prefix below which dead letters are archived. */
  readonly archivedIn?: readonly [bucket: string, prefix: string];
  /** Whether its function fails a batch as a whole. */
  readonly failsWholeBatch?: true;
  /** Hands events over; opened once per run. */
  readonly sender: (settings: ClientSettings) => (ids: readonly number[]) => Promise<unknown>;
  /** In US dollars, beside the invocations of the function: what `events` events with so many attempts cost. */
  readonly transport: (events: number, attempts: number, hours: number) => number;
}

const bodyOf = (id: number): string => JSON.stringify({ id });
const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** One after the other: what comes first is not left to sockets, so that a run can be repeated. */
const oneByOne =
  (send: (id: number) => Promise<unknown>) =>
  async (ids: readonly number[]): Promise<void> => {
    for (const id of ids) await send(id);
  };

/** An asynchronous event of a function. */
const toFunction =
  (FunctionName: string, eventOf: (id: number) => object): Way['sender'] =>
  (settings) => {
    const lambda = new LambdaClient(settings);
    return oneByOne((id) =>
      lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(eventOf(id)) })),
    );
  };

/** The event of an upload, as S3 has it. */
const uploadOf = (id: number): object => ({
  id,
  Records: [
    {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'ecommerce-product-uploads-000000000000' }, object: { key: `uploads/VEND001/${id}.csv` } },
    },
  ],
});

/** What throttled and failed uploads have in common, however they come back. */
const UPLOADS = {
  stack: 'VendorOnboarding',
  function: 'csv-parser',
  keptIn: ['csv-parser-dlq'],
  archivedIn: ['ecommerce-product-uploads', 'dead-letters/'],
  sender: toFunction('csv-parser', uploadOf),
} as const satisfies Partial<Way>;

const toQueue =
  (queue: string): Way['sender'] =>
  (settings) => {
    const sqs = new SQSClient(settings);
    const QueueUrl = `${settings.endpoint}/000000000000/${queue}`;
    return async (ids) => {
      for (const chunk of chunks(ids, 10)) {
        const Entries = chunk.map((id) => ({
          Id: String(id),
          MessageBody: bodyOf(id),
          MessageAttributes: { store_id: { DataType: 'String', StringValue: 'NY' } },
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      }
    };
  };

/** Sent in tens, received and deleted in batches of ten at the best. */
const queueRequests = (events: number, attempts: number): number =>
  (events / 10 + (attempts * 2) / 5) * PRICES.sqsRequest;

const shardHours = (hours: number, shards: number): number => hours * shards * PRICES.kinesisShardHour;

export const WAYS: readonly Way[] = [
  {
    name: 'sqs-partial-batch',
    stack: 'SqsRetry',
    function: 'sqs-processor',
    keptIn: ['dlq'],
    sender: toQueue('main-queue'),
    transport: queueRequests,
  },
  {
    name: 'sqs-whole-batch',
    stack: 'SqsRetry',
    function: 'sqs-processor-whole-batch',
    keptIn: ['dlq-whole-batch'],
    failsWholeBatch: true,
    sender: toQueue('main-queue-whole-batch'),
    transport: queueRequests,
  },
  {
    name: 'dlq-replay',
    stack: 'DlqReplay',
    function: 'queue-consumer',
    keptIn: ['dlq_for_reliable_q'],
    sender: toQueue('reliable_q'),
    transport: queueRequests,
  },
  {
    name: 'async-destination',
    stack: 'InvocationRetries',
    function: 'retries-async',
    keptIn: ['retries-async-failures'],
    sender: toFunction('retries-async', (id) => ({ id })),
    transport: () => 0,
  },
  {
    name: 'eventbridge-rule',
    stack: 'InvocationRetries',
    function: 'retries-rule',
    keptIn: ['retries-rule-failures'],
    sender: (settings) => {
      const events = new EventBridgeClient(settings);
      return async (ids) => {
        for (const chunk of chunks(ids, 10)) {
          const Entries = chunk.map((id) => ({
            Source: 'invocation-retries',
            DetailType: 'work',
            EventBusName: 'invocation-retries',
            Detail: bodyOf(id),
          }));
          await events.send(new PutEventsCommand({ Entries }));
        }
      };
    },
    transport: (events) => events * PRICES.eventBridgeEvent,
  },
  {
    name: 'kinesis-bisect',
    stack: 'InvocationRetries',
    function: 'retries-kinesis',
    keptIn: ['retries-kinesis-failures'],
    sender: (settings) => {
      const kinesis = new KinesisClient(settings);
      return (ids) =>
        kinesis.send(
          new PutRecordsCommand({
            StreamName: 'retries-kinesis',
            Records: ids.map((id) => ({ PartitionKey: String(id), Data: new TextEncoder().encode(bodyOf(id)) })),
          }),
        );
    },
    transport: (events, _, hours) => events * PRICES.kinesisPutUnit + shardHours(hours, 2),
  },
  {
    name: 'dynamodb-stream-bisect',
    stack: 'InvocationRetries',
    function: 'retries-dynamodb',
    keptIn: ['retries-dynamodb-failures'],
    sender: (settings) => {
      const dynamodb = new DynamoDBClient(settings);
      return oneByOne((id) =>
        dynamodb.send(new PutItemCommand({ TableName: 'retries-dynamodb', Item: { id: { S: String(id) } } })),
      );
    },
    transport: (events) => events * PRICES.dynamodbWrite,
  },
  {
    name: 'workflow-by-error',
    stack: 'SqsRetry',
    function: 'sqs-processor-task',
    keptIn: ['dlq-by-error'],
    sender: (settings) => {
      const sfn = new SFNClient(settings);
      const stateMachineArn = makeArn('states', settings.region, '000000000000', 'stateMachine:sqs-retry-by-error');
      return oneByOne((id) =>
        sfn.send(new StartExecutionCommand({ stateMachineArn, name: `event-${id}`, input: bodyOf(id) })),
      );
    },
    // Start, task and end of each, and the task again for each further attempt.
    transport: (events, attempts) => (events * 2 + attempts) * PRICES.stateTransition,
  },
  {
    ...UPLOADS,
    name: 'scheduled-retry',
    recovery: 'schedule',
    // Of each dead letter a send, and for each attempt a receive, a count and a deletion or a hiding; a run every five minutes.
    transport: (events, attempts, hours) =>
      (attempts - events) * (3 * PRICES.sqsRequest + PRICES.dynamodbWrite) + (hours + 1) * 12 * invocationCost,
  },
  {
    ...UPLOADS,
    name: 'retry-workflow',
    recovery: 'workflow',
    // Of each dead letter a send and a pipe's request; about five transitions for each attempt.
    transport: (events, attempts) => (attempts - events) * (2 * PRICES.sqsRequest + 5 * PRICES.stateTransition),
  },
];
