import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { type SimulatedFunction, TestEngine } from '../../test-engine.ts';

const arnOf = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const ROLE = 'arn:aws:iam::000000000000:role/pipe';
const GROUP = '/aws/vendedlogs/pipes/orders';
const GROUP_ARN = arnOf('logs', `log-group:${GROUP}:*`);
const QUEUE_URL = 'http://127.0.0.1:4566/000000000000/in';

interface LogRecord {
  readonly messageType: string;
  readonly logLevel: string;
  readonly payload?: string;
  readonly awsRequest?: string;
  readonly awsResponse?: string;
  readonly truncatedFields?: string[];
  readonly error?: Record<string, unknown>;
}

interface PipeOptions {
  readonly Level?: string;
  readonly data?: boolean;
  readonly input?: object;
  readonly body?: string;
}

const createFunction = async (test: TestEngine, FunctionName: string, run: SimulatedFunction): Promise<void> => {
  test.functions.set(FunctionName, run);
  const Code = { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) };
  const settings = { Runtime: 'nodejs24.x', Handler: 'i.h', Role: ROLE };
  await test.call('lambda', 'CreateFunction', { FunctionName, ...settings, Code });
};

const createPipe = async (test: TestEngine, LogConfiguration: object, input: object = {}): Promise<void> => {
  await test.call('pipes', 'CreatePipe', {
    Name: 'orders',
    RoleArn: ROLE,
    Source: arnOf('sqs', 'in'),
    Target: arnOf('lambda', 'function:worker'),
    LogConfiguration,
    ...input,
  });
  await test.advance(SECOND_MS);
};

const logged = async (test: TestEngine): Promise<LogRecord[]> => {
  const { events } = await test.call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', {
    logGroupName: GROUP,
  });
  return events.map(({ message }) => JSON.parse(message) as LogRecord);
};

/** What a pipe with a function as its target says about one message. */
const recordsOf = async (run: SimulatedFunction, options: PipeOptions = {}): Promise<LogRecord[]> => {
  const test = new TestEngine();
  await test.call('sqs', 'CreateQueue', { QueueName: 'in', Attributes: { VisibilityTimeout: '600' } });
  await test.call('logs', 'CreateLogGroup', { logGroupName: GROUP });
  await createFunction(test, 'worker', run);
  await createFunction(test, 'enricher', () => ({ result: [{ rich: true }] }));
  const log = {
    Level: options.Level ?? 'TRACE',
    CloudwatchLogsLogDestination: { LogGroupArn: GROUP_ARN },
    ...(options.data === true ? { IncludeExecutionData: ['ALL'] } : {}),
  };
  await createPipe(test, log, options.input);
  await test.call('sqs', 'SendMessage', { QueueUrl: QUEUE_URL, MessageBody: options.body ?? 'order' });
  await test.advance(MINUTE_MS);
  return logged(test);
};

const stepsOf = (records: readonly LogRecord[]): string[] => records.map(({ messageType }) => messageType);

const fails: SimulatedFunction = () => ({ error: { errorType: 'Boom', errorMessage: 'no' } });
const works: SimulatedFunction = () => ({ result: { done: true } });

describe('the log of a pipe', () => {
  it('tells every step on level TRACE, enrichment and templates included', async () => {
    const input = {
      Enrichment: arnOf('lambda', 'function:enricher'),
      EnrichmentParameters: { InputTemplate: '{"b": <$.body>}' },
      TargetParameters: { InputTemplate: '{"r": <$.rich>}' },
    };
    const records = await recordsOf(works, { input, data: true });

    expect(stepsOf(records)).toEqual([
      'ExecutionStarted',
      'EnrichmentStageEntered',
      'EnrichmentTransformationStarted',
      'EnrichmentTransformationSucceeded',
      'EnrichmentInvocationStarted',
      'EnrichmentInvocationSucceeded',
      'EnrichmentStageSucceeded',
      'TargetStageEntered',
      'TargetTransformationStarted',
      'TargetTransformationSucceeded',
      'TargetInvocationStarted',
      'TargetInvocationSucceeded',
      'TargetStageSucceeded',
      'ExecutionSucceeded',
    ]);
    expect(records[5]).toMatchObject({ awsRequest: '[{"b":"order"}]', awsResponse: '[{"rich":true}]' });
    expect(records[11]).toMatchObject({ awsRequest: '[{"r":true}]', awsResponse: '{"done":true}' });
  });

  it('tells stages and executions on level INFO, and nothing of the data unless asked to', async () => {
    const records = await recordsOf(works, { Level: 'INFO' });

    expect(stepsOf(records)).toEqual([
      'ExecutionStarted',
      'TargetStageEntered',
      'TargetStageSucceeded',
      'ExecutionSucceeded',
    ]);
    expect(Object.keys(records[0] as object)).toEqual([
      'resourceArn',
      'timestamp',
      'executionId',
      'messageType',
      'logLevel',
    ]);
  });

  it('tells failures on level ERROR, with what the target said', async () => {
    const records = await recordsOf(fails, { Level: 'ERROR' });

    expect(stepsOf(records)).toEqual(['TargetInvocationFailed', 'TargetStageFailed', 'ExecutionFailed']);
    expect(records[2]?.error).toMatchObject({
      httpStatusCode: 400,
      awsService: 'lambda',
      resourceArn: arnOf('lambda', 'function:worker'),
    });
    expect(records[2]?.error?.['message']).toContain('Target invocation failed with error from Lambda.');
  });

  it.each(['OFF', 'ERROR'])('tells nothing of a success on level %s', async (Level) => {
    expect(await recordsOf(works, { Level })).toEqual([]);
  });

  it('tells of a batch that failed in part', async () => {
    const records = await recordsOf(
      ({ payload }) => {
        const [event] = JSON.parse(payload) as { messageId: string }[];
        return { result: { batchItemFailures: [{ itemIdentifier: event?.messageId }] } };
      },
      { Level: 'ERROR' },
    );

    expect(stepsOf(records)).toEqual([
      'TargetInvocationPartiallyFailed',
      'TargetStagePartiallyFailed',
      'ExecutionPartiallyFailed',
    ]);
  });

  it('skips the target when the enrichment returns nothing, and says so', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'in' });
    await test.call('logs', 'CreateLogGroup', { logGroupName: GROUP });
    await createFunction(test, 'worker', works);
    await createFunction(test, 'nothing', () => ({ result: [] }));
    const log = { Level: 'TRACE', CloudwatchLogsLogDestination: { LogGroupArn: GROUP_ARN } };
    await createPipe(test, log, { Enrichment: arnOf('lambda', 'function:nothing') });
    await test.call('sqs', 'SendMessage', { QueueUrl: QUEUE_URL, MessageBody: 'x' });
    await test.advance(MINUTE_MS);

    expect(stepsOf(await logged(test)).slice(-2)).toEqual(['TargetStageSkipped', 'ExecutionSucceeded']);
  });

  it('cuts data that is too long for one record, and names it', async () => {
    const records = await recordsOf(works, { data: true, Level: 'INFO', body: '"'.repeat(200_000) });

    expect(records[0]?.truncatedFields).toEqual(['payload']);
    expect(JSON.stringify(records[0]).length).toBeLessThanOrEqual(262_144);
  });
});

describe('LogConfiguration of a pipe', () => {
  const refusal = async (LogConfiguration: object): Promise<unknown> => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'in' });
    return createPipe(test, LogConfiguration).catch((error: Error & { code: string }) => [error.code, error.message]);
  };

  it('is described as it was given, and taken away by level OFF', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'in' });
    await test.call('logs', 'CreateLogGroup', { logGroupName: GROUP });
    await createFunction(test, 'worker', works);
    const LogConfiguration = {
      Level: 'INFO',
      IncludeExecutionData: ['ALL'],
      CloudwatchLogsLogDestination: { LogGroupArn: GROUP_ARN },
    };
    await createPipe(test, LogConfiguration);
    const described = (): Promise<object> => test.call('pipes', 'DescribePipe', { Name: 'orders' });
    expect(await described()).toMatchObject({ LogConfiguration });

    await test.call('pipes', 'UpdatePipe', { Name: 'orders', RoleArn: ROLE });
    await test.advance(SECOND_MS);
    expect(await described()).toMatchObject({ CurrentState: 'RUNNING', LogConfiguration });

    await test.call('pipes', 'UpdatePipe', { Name: 'orders', RoleArn: ROLE, LogConfiguration: { Level: 'OFF' } });
    await test.advance(SECOND_MS);
    expect(await described()).toMatchObject({ LogConfiguration: { Level: 'OFF' } });
  });

  it.each([
    ['S3LogDestination', { BucketName: 'b', BucketOwner: '000000000000' }],
    ['FirehoseLogDestination', { DeliveryStreamArn: arnOf('firehose', 'deliverystream/d') }],
  ])('refuses %s by name', async (member, value) => {
    expect(await refusal({ Level: 'INFO', [member]: value })).toEqual([
      'NotSupportedByHoldfast',
      expect.stringContaining(`LogConfiguration.${member}`),
    ]);
  });

  it.each([
    [{}, 'logConfiguration.level'],
    [{ Level: 'DEBUG' }, 'logConfiguration.level'],
    [{ Level: 'INFO' }, 'must have a log destination'],
    [{ Level: 'INFO', CloudwatchLogsLogDestination: { LogGroupArn: arnOf('sqs', 'in') } }, 'Invalid log group ARN'],
    [{ Level: 'INFO', IncludeExecutionData: ['SOME'] }, 'includeExecutionData'],
  ])('refuses %j', async (settings, text) => {
    expect(await refusal(settings)).toEqual(['ValidationException', expect.stringContaining(text)]);
  });

  it('lets no pipe run whose log group is missing', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'in' });
    await createFunction(test, 'worker', works);
    await createPipe(test, { Level: 'INFO', CloudwatchLogsLogDestination: { LogGroupArn: GROUP_ARN } });

    expect(await test.call('pipes', 'DescribePipe', { Name: 'orders' })).toMatchObject({
      CurrentState: 'CREATE_FAILED',
      StateReason: `The log group ${GROUP_ARN} does not exist.`,
    });
  });
});
