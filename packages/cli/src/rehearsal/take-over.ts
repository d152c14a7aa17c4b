import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { lastNameIn } from '@holdfast/aws-model';
import type { LocalEngine } from '@holdfast/local';
import { ANY_CREDENTIALS, type Target } from '../target.ts';

/** A value of an environment variable, and what it names by the variable's name. */
type Maker = (value: string) => Promise<void>;

/**
 * Takes functions over into an engine of their own, with everything their environment names: other functions with their
 * code, tables and their keys, buckets, queues and topics, empty. Objects are copied when an event names them.
 */
export class TakeOver {
  /** What could not be taken over, and what is not the same there. */
  readonly notes = new Set<string>();
  readonly queues = new Set<string>();
  readonly tables = new Set<string>();
  readonly buckets = new Set<string>();
  readonly #from: Target;
  readonly #to: Target & { readonly endpoint: string };
  readonly #functions = new Map<string, Promise<void>>();

  constructor(from: Target, engine: LocalEngine, region: string) {
    this.#from = from;
    this.#to = { endpoint: engine.endpoint, region, credentials: ANY_CREDENTIALS };
  }

  get target(): Target {
    return this.#to;
  }

  /** Takes a function over, once. @throws what Lambda answers when it does not exist or may not be read */
  takeFunction(nameOrArn: string): Promise<void> {
    const [, , , , , , name = nameOrArn] = nameOrArn.split(':');
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const taken = this.#takeFunction(name, nameOrArn);
    this.#functions.set(name, taken);
    return taken;
  }

  /** Copies an object that an event names. */
  async takeObject(Bucket: string, Key: string): Promise<void> {
    await this.#takeBucket(Bucket);
    const isPath = (target: Target): object => (target.endpoint === undefined ? {} : { forcePathStyle: true });
    try {
      const {
        Body,
        ContentType,
        Metadata = {},
      } = await new S3Client({ ...this.#from, ...isPath(this.#from) }).send(new GetObjectCommand({ Bucket, Key }));
      const content = (await Body?.transformToByteArray()) ?? new Uint8Array();
      await new S3Client({ ...this.#to, ...isPath(this.#to) }).send(
        new PutObjectCommand({ Bucket, Key, Body: content, ContentType, Metadata }),
      );
    } catch (error) {
      this.notes.add(`s3://${Bucket}/${Key} could not be copied: ${(error as Error).name}`);
    }
  }

  async #takeFunction(name: string, nameOrArn: string): Promise<void> {
    const found = await new LambdaClient(this.#from).send(new GetFunctionCommand({ FunctionName: nameOrArn }));
    const { Configuration = {} } = found;
    if ((Configuration.Layers?.length ?? 0) > 0) this.notes.add(`${name} runs without its layers`);
    const Variables = await this.#environment(Configuration.Environment?.Variables ?? {});
    await new LambdaClient(this.#to).send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: Configuration.Runtime,
        Handler: Configuration.Handler,
        Role: Configuration.Role,
        Timeout: Configuration.Timeout,
        MemorySize: Configuration.MemorySize,
        Code: { ZipFile: await this.#codeOf(found) },
        Environment: { Variables },
      }),
    );
  }

  async #codeOf({ Code }: GetFunctionCommandOutput): Promise<Uint8Array> {
    const answer = await fetch(Code?.Location ?? '');
    if (!answer.ok) throw new Error(`the code at ${Code?.Location} answers ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** Nothing in it may lead out of the engine: addresses of whom we talk to become the rehearsal's own. */
  async #environment(variables: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const made: Record<string, string> = {};
    for (const [name, value] of Object.entries(variables)) {
      await this.#take(name, value);
      const isAddress = /^https?:\/\//.test(value);
      const inside = isAddress && URL.canParse(value) ? `${this.#to.endpoint}${new URL(value).pathname}` : value;
      if (isAddress && !this.#isAws(value))
        this.notes.add(`${name} is another address in a rehearsal: nothing is called there`);
      made[name] = inside;
    }
    return made;
  }

  #isAws(url: string): boolean {
    return url.startsWith(this.#from.endpoint ?? '\0') || /\.amazonaws\.com(?:\.cn)?\//.test(`${url}/`);
  }

  async #take(name: string, value: string): Promise<void> {
    const make = this.#makers.find(([pattern]) => pattern.test(name) || pattern.test(value.split(':')[2] ?? ''))?.[1];
    if (make === undefined || value === '') return;
    try {
      await make(value);
    } catch (error) {
      this.notes.add(`${name}: ${value} could not be taken over: ${(error as Error).name}`);
    }
  }

  readonly #makers: readonly (readonly [RegExp, Maker])[] = [
    [/QUEUE|^sqs$/i, (value) => this.#takeQueue(lastNameIn(value))],
    [/TOPIC|^sns$/i, (value) => this.#takeTopic(lastNameIn(value))],
    [/TABLE|^dynamodb$/i, (value) => this.#takeTable(lastNameIn(value))],
    [/BUCKET|^s3$/i, (value) => this.#takeBucket(lastNameIn(value))],
    [/FUNCTION|LAMBDA|^lambda$/i, (value) => this.takeFunction(value)],
  ];

  async #takeQueue(QueueName: string): Promise<void> {
    const Attributes = QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    await new SQSClient(this.#to).send(new CreateQueueCommand({ QueueName, Attributes }));
    this.queues.add(QueueName);
  }

  async #takeTopic(Name: string): Promise<void> {
    const Attributes = Name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
    await new SNSClient(this.#to).send(new CreateTopicCommand({ Name, Attributes }));
    // A queue hears what is published.
    this.notes.add(`topic ${Name} has no subscribers in a rehearsal`);
  }

  async #takeTable(TableName: string): Promise<void> {
    if (this.tables.has(TableName)) return;
    const { Table: { KeySchema, AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = {} } =
      await new DynamoDBClient(this.#from).send(new DescribeTableCommand({ TableName }));
    await new DynamoDBClient(this.#to).send(
      new CreateTableCommand({
        TableName,
        KeySchema,
        AttributeDefinitions,
        BillingMode: 'PAY_PER_REQUEST',
        ...(GlobalSecondaryIndexes.length === 0
          ? {}
          : {
              GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
                IndexName: index.IndexName,
                KeySchema: index.KeySchema,
                Projection: index.Projection,
              })),
            }),
      }),
    );
    this.tables.add(TableName);
    this.notes.add(`table ${TableName} is empty in a rehearsal`);
  }

  async #takeBucket(Bucket: string): Promise<void> {
    if (this.buckets.has(Bucket)) return;
    this.buckets.add(Bucket);
    await new S3Client({ ...this.#to, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
  }
}
