import type { PutRecordsOutput } from '@aws-sdk/client-kinesis';
import type { Store } from '../../../core/index.ts';
import { type SimulatedFunction, TestEngine } from '../../../test-engine.ts';

type Outcome = ReturnType<SimulatedFunction>;

/** What the function under test makes of a batch: its texts, and the sequence numbers beside them. */
export type StreamFunction = (batch: readonly string[], sequenceNumbers: readonly string[]) => Outcome;

export const succeeds = (): Outcome => ({ result: null });
export const throws = (): Outcome => ({ error: { errorType: 'Error', errorMessage: 'no such product' } });

interface EventRecord {
  readonly kinesis?: { readonly data: string; readonly sequenceNumber: string };
  readonly dynamodb?: { readonly Keys: { readonly id: { readonly S: string } }; readonly SequenceNumber: string };
}

const textOf = ({ kinesis, dynamodb }: EventRecord): string =>
  kinesis === undefined ? (dynamodb?.Keys.id.S ?? '') : Buffer.from(kinesis.data, 'base64').toString();

const sequenceNumberOf = ({ kinesis, dynamodb }: EventRecord): string =>
  kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber ?? '';

/** For tests: the stream `orders`, the function `worker` and the queue `failures` in one engine. */
export class StreamBench {
  readonly test: TestEngine;
  readonly streamArn: string;
  /** Texts of the records that each run of the function got. */
  readonly batches: string[][] = [];
  uuid = '';

  private constructor(test: TestEngine, streamArn: string, run: StreamFunction) {
    this.test = test;
    this.streamArn = streamArn;
    test.functions.set('worker', ({ payload }) => {
      const { Records } = JSON.parse(payload) as { Records: EventRecord[] };
      const batch = Records.map(textOf);
      this.batches.push(batch);
      return run(batch, Records.map(sequenceNumberOf));
    });
  }

  static async kinesis(run: StreamFunction = succeeds, ShardCount = 1, store?: Store): Promise<StreamBench> {
    const test = new TestEngine(store === undefined ? {} : { store });
    await test.call('kinesis', 'CreateStream', { StreamName: 'orders', ShardCount });
    const bench = new StreamBench(test, 'arn:aws:kinesis:us-east-1:000000000000:stream/orders', run);
    await bench.#prepare();
    return bench;
  }

  static async dynamodb(run: StreamFunction = succeeds): Promise<StreamBench> {
    const test = new TestEngine();
    const { TableDescription } = await test.call<{ TableDescription: { LatestStreamArn: string } }>(
      'dynamodb',
      'CreateTable',
      {
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    );
    const bench = new StreamBench(test, TableDescription.LatestStreamArn, run);
    await bench.#prepare();
    return bench;
  }

  /** Another process over the same store. */
  static async resume(before: StreamBench, store: Store, run: StreamFunction = succeeds): Promise<StreamBench> {
    const test = new TestEngine({ store, start: before.test.clock.now(), seed: 2 });
    const bench = new StreamBench(test, before.streamArn, run);
    bench.uuid = before.uuid;
    return bench;
  }

  async #prepare(): Promise<void> {
    await this.test.call('sqs', 'CreateQueue', { QueueName: 'failures' });
    await this.createFunction();
  }

  async createFunction(): Promise<void> {
    await this.test.call('lambda', 'CreateFunction', {
      FunctionName: 'worker',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) },
    });
  }

  async map(input: object): Promise<Record<string, unknown>> {
    const mapping = await this.test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: this.streamArn,
      FunctionName: 'worker',
      ...input,
    });
    this.uuid = mapping['UUID'] as string;
    return mapping;
  }

  /** Changes the mapping and lets the change settle. */
  async update(input: object): Promise<void> {
    await this.test.call('lambda', 'UpdateEventSourceMapping', { UUID: this.uuid, ...input });
    await this.test.advance(300);
  }

  get(): Promise<Record<string, unknown>> {
    return this.test.call('lambda', 'GetEventSourceMapping', { UUID: this.uuid });
  }

  /** Puts records, or items whose key is the text. Returns the sequence numbers of records. */
  async put(texts: readonly string[], PartitionKey = 'k'): Promise<string[]> {
    if (this.streamArn.startsWith('arn:aws:dynamodb')) {
      for (const id of texts) {
        const Item = { id: { S: id }, raw: { B: new Uint8Array([1, 2]) } };
        await this.test.call('dynamodb', 'PutItem', { TableName: 'orders', Item });
      }
      return [];
    }
    const { Records } = await this.test.call<PutRecordsOutput>('kinesis', 'PutRecords', {
      StreamName: 'orders',
      Records: texts.map((text) => ({ Data: new TextEncoder().encode(text), PartitionKey })),
    });
    return (Records ?? []).map((record) => record.SequenceNumber ?? '');
  }

  /** Records of failures that have come into the queue since the last call. */
  async failures(): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages = [] } = await this.test.call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
        'sqs',
        'ReceiveMessage',
        { QueueUrl: 'http://127.0.0.1:4566/000000000000/failures', MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 },
      );
      if (Messages.length === 0) return found;
      for (const { Body } of Messages) found.push(JSON.parse(Body) as Record<string, unknown>);
    }
  }
}
