import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { type AttributeValue, BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PIPELINE } from '@holdfast/stacks';
import { CommandError, EXIT } from '../exit-code.ts';
import { STACK_NAME } from '../stack-name.ts';
import type { Target } from '../target.ts';
import { type ParserLatency, slowParser } from './parser-latency.ts';
import { patientRetryStrategy } from './patience.ts';

const PARSER = PIPELINE.functions.parser;
const UPLOADS = PIPELINE.tables.uploads;

/** BatchGetItem takes no more keys. */
const BATCH_GET_MAX = 100;

/** What the pipeline itself says of one file. */
export interface UploadState {
  readonly key: string;
  readonly status: string;
  /** Began with this content so often. */
  readonly attempts: number;
  readonly deliveredBy: 'event' | 'retry';
  readonly rejected: number;
  readonly products: number;
  /** The first run of a new environment: it waited for that, too. */
  readonly isColdStart: boolean;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  /** When S3 reported the upload. */
  readonly reportedAtMs: number | undefined;
}

export type ParserSettings<Name extends string> = Readonly<Record<Name, string | undefined>>;

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
}

const text = (value: AttributeValue | undefined): string => value?.S ?? '';
const number = (value: AttributeValue | undefined): number => Number(value?.N ?? 0);
const timeOf = (value: AttributeValue | undefined): number | undefined =>
  value?.S === undefined ? undefined : Date.parse(value.S);

const readUploadState = (item: Record<string, AttributeValue>): UploadState => ({
  key: text(item['file_key']),
  status: text(item['status']),
  attempts: number(item['attempts']),
  deliveredBy: text(item['delivered_by']) === 'retry' ? 'retry' : 'event',
  rejected: number(item['rejected']),
  products: number(item['products']),
  isColdStart: item['cold_start']?.BOOL === true,
  startedAtMs: timeOf(item['started_at']) ?? 0,
  finishedAtMs: timeOf(item['finished_at']),
  reportedAtMs: timeOf(item['reported_at']),
});

/** Object keys in an archived message, wherever its shape keeps the S3 records. */
const uploadKeysIn = (archived: string): readonly string[] =>
  [...archived.matchAll(/uploads(?:\/|%2F)[^"\\]+?\.csv/gi)].map(([key]) =>
    decodeURIComponent(key.replaceAll('+', ' ')),
  );

/** The deployed pipeline, through the AWS API alone. */
export class Pipeline {
  readonly bucket: string;
  /** How dead-lettered uploads come back: `schedule` or `workflow`. */
  readonly recovery: string;
  readonly #target: Target;
  readonly #failureQueueUrl: string;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #lambda: LambdaClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #cloudwatch: CloudWatchClient;
  /** Upload keys named in each archived message; archives do not change. */
  readonly #archived = new Map<string, readonly string[]>();

  private constructor(target: Target, outputs: ReadonlyMap<string, string>) {
    const config = clientConfig(target);
    this.#target = target;
    this.bucket = outputs.get('UploadBucket') ?? '';
    this.recovery = outputs.get('Recovery') ?? 'schedule';
    this.#failureQueueUrl = outputs.get('FailureQueueUrl') ?? '';
    this.#s3 = new S3Client(config);
    this.#sqs = new SQSClient(config);
    this.#lambda = new LambdaClient(config);
    this.#dynamodb = new DynamoDBClient(config);
    this.#cloudwatch = new CloudWatchClient(config);
  }

  /** Finds the pipeline by its stack's outputs. */
  static async find(target: Target): Promise<Pipeline> {
    try {
      const { Stacks } = await new CloudFormationClient(clientConfig(target)).send(
        new DescribeStacksCommand({ StackName: STACK_NAME }),
      );
      const outputs = (Stacks?.[0]?.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? ''] as const);
      return new Pipeline(target, new Map(outputs));
    } catch (error) {
      throw new CommandError(
        `stack ${STACK_NAME} is not there (${(error as Error).message}); deploy it, or run "npm start"`,
        EXIT.notFound,
        { cause: error },
      );
    }
  }

  async upload(key: string, body: Uint8Array): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentType: 'text/csv' }));
  }

  /** What these environment variables of the parser are. */
  async parserSettings<Name extends string>(names: readonly Name[]): Promise<ParserSettings<Name>> {
    const variables = await this.#parserVariables();
    return Object.fromEntries(names.map((name) => [name, variables[name]])) as ParserSettings<Name>;
  }

  /** Sets environment variables of the parser, and takes away those that are `undefined`. */
  async configureParser(changes: ParserSettings<string>): Promise<void> {
    const variables = await this.#parserVariables();
    if (Object.entries(changes).every(([name, value]) => variables[name] === value)) return;
    const after = Object.entries({ ...variables, ...changes }).filter(([, value]) => value !== undefined);
    await this.#lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: PARSER,
        Environment: { Variables: Object.fromEntries(after) as Record<string, string> },
      }),
    );
    await waitUntilFunctionUpdatedV2({ client: this.#lambda, maxWaitTime: 60 }, { FunctionName: PARSER });
  }

  /** Has the parser take so long from now on, until the latency's end; its variables have to be set as that says. */
  async slowParser(delayMs: number): Promise<ParserLatency> {
    const { FunctionArn = PARSER } = await this.#parser();
    return slowParser(this.#target, FunctionArn, delayMs);
  }

  async #parserVariables(): Promise<ParserSettings<string>> {
    const { Environment } = await this.#parser();
    return Environment?.Variables ?? {};
  }

  #parser() {
    return this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName: PARSER }));
  }

  /** What the pipeline says of these uploads; one that it has not begun with yet is left out. */
  async uploads(keys: readonly string[]): Promise<readonly UploadState[]> {
    const batches = Array.from({ length: Math.ceil(keys.length / BATCH_GET_MAX) }, (_, index) =>
      keys.slice(index * BATCH_GET_MAX, (index + 1) * BATCH_GET_MAX),
    );
    return (await Promise.all(batches.map((batch) => this.#uploads(batch)))).flat();
  }

  async #uploads(keys: readonly string[]): Promise<readonly UploadState[]> {
    const states: UploadState[] = [];
    let wanted: Record<string, AttributeValue>[] = keys.map((key) => ({
      vendor_id: { S: key.split('/')[1] ?? '' },
      file_key: { S: key },
    }));
    while (wanted.length > 0) {
      const { Responses = {}, UnprocessedKeys = {} } = await this.#dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [UPLOADS]: { Keys: wanted, ConsistentRead: true } } }),
      );
      states.push(...(Responses[UPLOADS] ?? []).map(readUploadState));
      wanted = UnprocessedKeys[UPLOADS]?.Keys ?? [];
    }
    return states;
  }

  /** Keys of uploads whose events were given up since then: each was archived, and an alert sent. */
  async givenUp(sinceMs: number): Promise<ReadonlySet<string>> {
    const pages = paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.bucket, Prefix: PIPELINE.keyPrefix.deadLetters },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key = '', LastModified } of Contents) {
        // S3 tells whole seconds.
        if (this.#archived.has(Key) || (LastModified?.getTime() ?? 0) < sinceMs - 1_000) continue;
        const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
        this.#archived.set(Key, uploadKeysIn((await Body?.transformToString()) ?? ''));
      }
    }
    return new Set([...this.#archived.values()].flat());
  }

  async failureQueue(): Promise<QueueDepth> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#failureQueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    };
  }

  /** Dispatches of the parser that were turned away. */
  throttles(fromMs: number, toMs: number): Promise<number> {
    return this.#sum('AWS/Lambda', 'Throttles', fromMs, toMs, { FunctionName: PARSER });
  }

  retryMetric(
    name: 'RetrySuccess' | 'RetryFailed' | 'MaxRetriesExceeded',
    fromMs: number,
    toMs: number,
  ): Promise<number> {
    return this.#sum(PIPELINE.metricNamespace, name, fromMs, toMs);
  }

  async #sum(
    Namespace: string,
    MetricName: string,
    fromMs: number,
    toMs: number,
    dimensions: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const { Datapoints = [] } = await this.#cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace,
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(Math.floor(fromMs / 60_000) * 60_000),
        EndTime: new Date(toMs + 60_000),
        Period: 3_600,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, point) => sum + (point.Sum ?? 0), 0);
  }
}

/** Hears no `info`, for which the SDK would copy every input and output: a look at the pipeline is thousands of items. */
const sdkLog = { debug: () => {}, warn: () => {}, error: () => {} } as unknown as NonNullable<S3ClientConfig['logger']>;

const clientConfig = (target: Target) => ({
  ...target,
  logger: sdkLog,
  retryStrategy: patientRetryStrategy(),
});
