import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { StackName } from '@holdfast/stacks';
import { PRICES } from './prices.ts';

/** How clients reach the engine of a run. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** One of the ways to try again that the stacks show. */
export interface Way {
  readonly name: string;
  readonly stack: StackName;
  /** The function that processes events; the workload takes its place. */
  readonly function: string;
  /** Where failures are kept. */
  readonly keptIn: readonly string[];
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
    sender: (settings) => {
      const lambda = new LambdaClient(settings);
      return (ids) =>
        Promise.all(
          ids.map((id) =>
            lambda.send(
              new InvokeCommand({ FunctionName: 'retries-async', InvocationType: 'Event', Payload: bodyOf(id) }),
            ),
          ),
        );
    },
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
      return (ids) =>
        Promise.all(
          ids.map((id) =>
            dynamodb.send(new PutItemCommand({ TableName: 'retries-dynamodb', Item: { id: { S: String(id) } } })),
          ),
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
      const stateMachineArn = `arn:aws:states:${settings.region}:000000000000:stateMachine:sqs-retry-by-error`;
      return (ids) =>
        Promise.all(ids.map((id) => sfn.send(new StartExecutionCommand({ stateMachineArn, input: bodyOf(id) }))));
    },
    // Start, task and end of each, and the task again for each further attempt.
    transport: (events, attempts) => (events * 2 + attempts) * PRICES.stateTransition,
  },
];
