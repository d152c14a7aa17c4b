import { describe, expect, it } from 'vitest';
import { StatesBench } from './state-machine-bench.ts';

const one = (state: object, rest: object = {}) => ({ StartAt: 'A', States: { A: state, ...rest } });

const typesOf = async (bench: StatesBench, arn: string): Promise<string[]> =>
  (await bench.history(arn)).map(({ type }) => type as string);

describe('a task that waits for a callback', () => {
  const begin = async (bench: StatesBench, more: object = {}): Promise<{ arn: string; token: string }> => {
    const { QueueUrl } = await bench.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'asked' });
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
      End: true,
      ...more,
    };
    const arn = await bench.begin(await bench.create(one(task)));
    const { Messages } = await bench.call<{ Messages: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl });
    return { arn, token: (JSON.parse(Messages[0]?.Body as string) as { token: string }).token };
  };

  it('ends with what it is told, once', async () => {
    const bench = new StatesBench();
    const { arn, token } = await begin(bench);

    await bench.call('states', 'SendTaskSuccess', { taskToken: token, output: '{"ok": true}' });

    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' });
    await expect(bench.call('states', 'SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toThrow(
      "Task Timed Out: 'Provided task does not exist anymore'",
    );
    await expect(bench.call('states', 'SendTaskFailure', { taskToken: 'made up' })).rejects.toThrow(
      "Invalid Token: 'Invalid token'",
    );
  });

  it('lives as long as its heartbeats come', async () => {
    const bench = new StatesBench();
    const { arn, token } = await begin(bench, { HeartbeatSeconds: 60 });

    await bench.advance(50_000);
    await bench.call('states', 'SendTaskHeartbeat', { taskToken: token });
    await bench.advance(59_000);
    expect((await bench.describe(arn)).status).toBe('RUNNING');
    await bench.advance(1_000);

    expect(await bench.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await typesOf(bench, arn)).toContain('TaskTimedOut');
  });
});

describe('tasks', () => {
  it('wait for the executions that they start', async () => {
    const bench = new StatesBench();
    const child = await bench.create(one({ Type: 'Wait', Seconds: 30, End: true }));
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: child, 'Input.$': '$' },
      OutputPath: '$.Output.n',
      End: true,
    };

    const result = await bench.run(one(task), { n: 7 }, 30_000);

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: '7' });
  });

  it('are handed to workers of activities', async () => {
    const bench = new StatesBench();
    const { activityArn } = await bench.call<{ activityArn: string }>('states', 'CreateActivity', { name: 'work' });
    const polled = bench.call<{ taskToken: string; input: string }>('states', 'GetActivityTask', {
      activityArn,
      workerName: 'me',
    });
    const arn = await bench.begin(await bench.create(one({ Type: 'Task', Resource: activityArn, End: true })), {
      n: 1,
    });

    const { taskToken, input } = await polled;
    await bench.call('states', 'SendTaskFailure', { taskToken, error: 'Tired', cause: 'late' });

    expect(input).toBe('{"n":1}');
    expect(await bench.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Tired', cause: 'late' });
    expect(await typesOf(bench, arn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'ActivityScheduled',
      'ActivityStarted',
      'ActivityFailed',
      'ExecutionFailed',
    ]);
  });

  it('tell errors of services as the SDK of Java does', async () => {
    const bench = new StatesBench();
    const table = { TableName: 'none', Key: { id: { S: '1' } } };
    const get = (Resource: string) => one({ Type: 'Task', Resource, Parameters: table, End: true });

    const optimised = await bench.run(get('arn:aws:states:::dynamodb:getItem'));
    const generic = await bench.run(get('arn:aws:states:::aws-sdk:dynamodb:getItem'));

    expect(optimised.error).toBe('DynamoDB.ResourceNotFoundException');
    expect(optimised.cause).toMatch(
      /^.+ \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: .+; Proxy: null\)$/,
    );
    expect(generic.error).toBe('DynamoDb.ResourceNotFoundException');
    expect(generic.cause).toMatch(
      /^.+ \(Service: DynamoDb, Status Code: 400, Request ID: .+\) \(SDK Attempt Count: 1\)$/,
    );
  });

  it('count attempts for each retrier by itself', async () => {
    const bench = new StatesBench();
    const Resource = await bench.addFunction('fickle');
    const errors = ['A', 'B', 'C', 'B', 'B'];
    bench.functions.set('fickle', () => ({ error: { errorType: errors.shift() ?? 'none', errorMessage: '' } }));
    const Retry = [
      { ErrorEquals: ['A', 'B'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
      { ErrorEquals: ['C'], IntervalSeconds: 5 },
    ];
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }];
    const task = { Type: 'Task', Resource, Retry, Catch, End: true };

    const result = await bench.run(one(task, { Sorry: { Type: 'Succeed' } }), {}, 60_000);

    const gaps = bench.invocations.map(({ startedAt }) => Math.round(startedAt / 1_000));
    expect(gaps.slice(1).map((at, index) => at - (gaps[index] as number))).toEqual([1, 2, 5]);
    expect(JSON.parse(result.output as string)).toMatchObject({ Error: 'B' });
  });
});

describe('express executions', () => {
  it('answer their callers with what they came to', async () => {
    const bench = new StatesBench();
    const stateMachineArn = await bench.create(one({ Type: 'Wait', Seconds: 2, End: true }), { type: 'EXPRESS' });
    const answer = bench.call('states', 'StartSyncExecution', { stateMachineArn, input: '{"n":1}' });

    await bench.advance(2_000);

    expect(await answer).toMatchObject({ status: 'SUCCEEDED', output: '{"n":1}' });
  });

  it('last five minutes at most', async () => {
    const bench = new StatesBench();
    const stateMachineArn = await bench.create(one({ Type: 'Wait', Seconds: 900, End: true }), { type: 'EXPRESS' });
    const answer = bench.call('states', 'StartSyncExecution', { stateMachineArn });

    await bench.advance(300_000);

    expect(await answer).toMatchObject({ status: 'TIMED_OUT' });
  });
});

describe('a distributed map', () => {
  const put = (bench: StatesBench, Key: string, text: string): Promise<unknown> =>
    bench.call('s3', 'PutObject', { Bucket: 'letters', Key, Body: new TextEncoder().encode(text) });

  const machine = (more: object, child: object) =>
    one({
      Type: 'Map',
      End: true,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: 'letters', Key: 'all.csv' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Each',
        States: { Each: child },
      },
      ...more,
    });

  const bench = async (): Promise<StatesBench> => {
    const made = new StatesBench();
    await made.call('s3', 'CreateBucket', { Bucket: 'letters' });
    await put(made, 'all.csv', 'sku,count\na,1\n"b, c",2\nd,3\n');
    return made;
  };

  it('runs an execution for each row, and puts the outputs in order', async () => {
    const made = await bench();
    const result = await made.run(machine({}, { Type: 'Pass', End: true }));

    expect(JSON.parse(result.output as string)).toEqual([
      { sku: 'a', count: '1' },
      { sku: 'b, c', count: '2' },
      { sku: 'd', count: '3' },
    ]);
  });

  it('tolerates as many failures as it says, and writes what became of each', async () => {
    const made = await bench();
    const child = {
      Type: 'Choice',
      Choices: [{ Variable: '$.Items[0].sku', StringEquals: 'a', Next: 'Bad' }],
      Default: 'Good',
    };
    const definition = machine(
      {
        ToleratedFailureCount: 1,
        ItemBatcher: { MaxItemsPerBatch: 2 },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'letters', Prefix: 'done' } },
      },
      child,
    );
    Object.assign(definition.States.A, {
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Each',
        States: { Each: child, Bad: { Type: 'Fail', Error: 'Bad' }, Good: { Type: 'Succeed' } },
      },
    });

    const result = await made.run(definition);

    const { ResultWriterDetails } = JSON.parse(result.output as string) as { ResultWriterDetails: { Key: string } };
    const { Body } = await made.call<{ Body: Uint8Array }>('s3', 'GetObject', {
      Bucket: 'letters',
      Key: ResultWriterDetails.Key,
    });
    const { ResultFiles } = JSON.parse(new TextDecoder().decode(Body)) as { ResultFiles: Record<string, unknown[]> };
    expect([ResultFiles.SUCCEEDED?.length, ResultFiles.FAILED?.length]).toEqual([1, 1]);
  });

  it('finds the list in a JSON file by its pointer, whatever its path says of the input', async () => {
    const made = await bench();
    await put(made, 'nested.json', '{"a/b": {"items": [1, 2]}}');
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', ItemsPointer: '/a~1b/items' },
      Parameters: { Bucket: 'letters', Key: 'nested.json' },
    };

    const found = await made.run(machine({ ItemReader, ItemsPath: '$.nothing' }, { Type: 'Pass', End: true }));
    const { ItemsPointer: _, ...ReaderConfig } = ItemReader.ReaderConfig;
    const lost = await made.run(machine({ ItemReader: { ...ItemReader, ReaderConfig } }, { Type: 'Pass', End: true }));

    expect(found).toMatchObject({ status: 'SUCCEEDED', output: '[1,2]' });
    expect(lost).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
  });

  it('fails by name on what is not modelled', async () => {
    const made = await bench();
    const reader = { ...machine({}, { Type: 'Pass', End: true }).States.A } as unknown as {
      ItemReader: { ReaderConfig: object };
    };
    const ItemReader = { ...reader.ItemReader, ReaderConfig: { InputType: 'PARQUET' } };

    const result = await made.run(machine({ ItemReader }, { Type: 'Pass', End: true }));

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(result.cause).toContain('Holdfast does not support an ItemReader with the input type PARQUET');
  });

  it('fails when more than that has failed', async () => {
    const made = await bench();
    const result = await made.run(machine({ ToleratedFailurePercentage: 50 }, { Type: 'Fail', Error: 'Bad' }));

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });
});

describe('executions', () => {
  it('are taken up again where they failed', async () => {
    const bench = new StatesBench();
    const Resource = await bench.addFunction('mended');
    let isBroken = true;
    bench.functions.set('mended', () =>
      isBroken ? { error: { errorType: 'Broken', errorMessage: '' } } : { result: 'fine' },
    );
    const arn = await bench.begin(
      await bench.create(one({ Type: 'Pass', Next: 'B' }, { B: { Type: 'Task', Resource, End: true } })),
    );
    await bench.advance(10);
    expect((await bench.describe(arn)).redriveStatus).toBe('REDRIVABLE');

    isBroken = false;
    await bench.call('states', 'RedriveExecution', { executionArn: arn });
    await bench.advance(10);

    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"fine"', redriveCount: 1 });
    expect((await typesOf(bench, arn)).filter((type) => type === 'PassStateEntered').length).toBe(1);
  });

  it('fail when a catcher fails', async () => {
    const bench = new StatesBench();
    const branch = { StartAt: 'X', States: { X: { Type: 'Fail', Error: 'Bad' } } };
    const Catch = [{ ErrorEquals: ['States.ALL'], Output: '{% $nothing %}', Next: 'B' }];
    const parallel = { Type: 'Parallel', Branches: [branch], Catch, End: true };

    const result = await bench.run({ QueryLanguage: 'JSONata', ...one(parallel, { B: { Type: 'Succeed' } }) });

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('end when they have told too much', async () => {
    const bench = new StatesBench();
    const loop = one({ Type: 'Pass', Next: 'B' }, { B: { Type: 'Pass', Next: 'A' } });
    const result = await bench.run(loop, {}, 1_000);

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(result.cause).toContain('25000');
  });
});
