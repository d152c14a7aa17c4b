import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { BatchGetTracesCommand, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import { InvalidInputError } from '@holdfast/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LocalEngine, type LocalEngineOptions } from '../index.ts';
import { archiveOf } from '../testing/archive.ts';
import { clientOptions } from '../testing/client-options.ts';

const LEFT = 'exports.handler = async (event, context) => context.getRemainingTimeInMillis();';

let engine: LocalEngine;
let lambda: LambdaClient;
const directories: string[] = [];

const start = async (options: LocalEngineOptions = {}): Promise<void> => {
  engine = await LocalEngine.start({ port: 0, clock: 'virtual', seed: 1, ...options });
  lambda = new LambdaClient(clientOptions(engine));
};

afterEach(async () => {
  lambda.destroy();
  await engine.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const archive = (code: string): Uint8Array => archiveOf({ 'index.js': code });

const createFunction = (FunctionName = 'worker', code = LEFT): Promise<unknown> =>
  lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archive(code) },
      Timeout: 10,
    }),
  );

/** Answers once the engine has the call: then time may be moved. */
const invoke = async (FunctionName = 'worker'): Promise<{ readonly answer: Promise<InvokeCommandOutput> }> => {
  const sofar = engine.waiting().length;
  const answer = lambda.send(new InvokeCommand({ FunctionName, LogType: 'Tail' }));
  answer.catch(() => {});
  await vi.waitFor(() => expect(engine.waiting().length).toBeGreaterThan(sofar));
  return { answer };
};

const textOf = (answer: InvokeCommandOutput): string => answer.Payload?.transformToString() ?? '';
const tailOf = ({ LogResult = '' }: InvokeCommandOutput): string => Buffer.from(LogResult, 'base64').toString();

const logs = async (): Promise<readonly string[]> => {
  const client = new CloudWatchLogsClient(clientOptions(engine));
  try {
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/worker' }));
    return events.map(({ message = '' }) => message.trim());
  } finally {
    client.destroy();
  }
};

describe('a function whose invocations a fault delays', () => {
  it('has its place and no environment meanwhile; duration and time limit count from the beginning', async () => {
    await start();
    await createFunction();
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions: 1 }));
    const fault = engine.fault({ function: 'worker', delayMs: 4_000 });
    const { answer } = await invoke();

    expect([fault.count, fault.holding, engine.environmentCount]).toEqual([1, 1, 0]);
    expect(engine.waiting()).toMatchObject([
      { call: 'lambda Invoke', advance: 'PT4S', reason: expect.stringContaining('worker is delayed by a fault until') },
    ]);
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'worker' }))).rejects.toThrow('Rate Exceeded.');
    await engine.advance(4_000);
    expect(textOf(await answer)).toBe('6000');
    expect(tailOf(await answer)).toMatch(/^START .*END .*Duration: 4000\.00 ms\tBilled Duration: 4000 ms\t/s);
    expect([fault.count, fault.holding, engine.environmentCount]).toEqual([1, 0, 1]);
  });

  it('a delay above the time limit ends in a timeout, for which there is no environment', async () => {
    await start();
    await createFunction();
    const fault = engine.fault({ function: 'worker', delayMs: 900_000 });
    const { answer } = await invoke();
    expect(engine.waiting()).toMatchObject([
      { advance: 'PT10S', reason: expect.stringContaining('beyond its time limit') },
    ]);
    await engine.advance(10_000);

    const { FunctionError, ...rest } = await answer;
    expect([FunctionError, JSON.parse(textOf({ FunctionError, ...rest }))]).toEqual([
      'Unhandled',
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Error: Task timed out after 10\.00 seconds$/),
      },
    ]);
    expect(await logs()).toEqual([
      expect.stringMatching(/^INIT_START/),
      expect.stringMatching(/^START/),
      expect.stringMatching(/Task timed out after 10\.00 seconds$/),
      expect.stringMatching(/^END/),
      expect.stringMatching(/Duration: 10000\.00 ms\tBilled Duration: 10000 ms\t.*Status: timeout$/),
    ]);
    expect([fault.holding, engine.environmentCount]).toEqual([0, 0]);
  });

  it('goes on as it was when it is updated or deleted meanwhile', async () => {
    await start();
    await createFunction();
    engine.fault({ function: 'worker', delayMs: 2_000 });
    const { answer } = await invoke();
    const ZipFile = archive('exports.handler = async () => "another";');
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'worker', ZipFile }));
    const { answer: later } = await invoke();
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'worker' }));
    await engine.advance(2_000);
    expect([textOf(await answer), textOf(await later)]).toEqual(['8000', '"another"']);
  });

  it('is traced from the beginning of the delay', async () => {
    await start();
    await createFunction();
    const TracingConfig = { Mode: 'Active' } as const;
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'worker', TracingConfig }));
    engine.fault({ function: 'worker', delayMs: 4_000 });
    const { answer } = await invoke();
    await engine.advance(4_000);
    await answer;
    const xray = new XRayClient(clientOptions(engine));
    const StartTime = new Date(engine.time.now() - 60_000);
    const EndTime = new Date(engine.time.now() + 60_000);
    const { TraceSummaries = [] } = await xray.send(new GetTraceSummariesCommand({ StartTime, EndTime }));
    const TraceIds = TraceSummaries.map(({ Id = '' }) => Id);
    const { Traces = [] } = await xray.send(new BatchGetTracesCommand({ TraceIds }));
    xray.destroy();
    const segments = Traces.flatMap(({ Segments = [] }) => Segments.map(({ Document = '' }) => JSON.parse(Document)));
    const took = segments.map(({ origin, start_time, end_time }) => [origin, Math.round(end_time - start_time)]);
    expect(took.toSorted()).toEqual([
      ['AWS::Lambda', 4],
      ['AWS::Lambda::Function', 4],
    ]);
  });

  it('recovers for those that come, and holds those that it holds', async () => {
    await start();
    await createFunction();
    const fault = engine.fault({ function: 'worker', delayMs: 3_000 });
    const { answer } = await invoke();
    fault.recover();
    expect(textOf(await lambda.send(new InvokeCommand({ FunctionName: 'worker' })))).toBe('10000');
    expect([fault.count, fault.holding]).toEqual([1, 1]);
    await engine.advance(3_000);
    expect([textOf(await answer), fault.holding]).toEqual(['7000', 0]);
  });

  it('is met by the first so many, or by a share that the seed decides; several faults come one after the other', async () => {
    const delayed = async (): Promise<number[]> => {
      await start();
      await createFunction();
      const left: number[] = [];
      engine.bind('worker', (_, context) => void left.push(context.getRemainingTimeInMillis()));
      engine.fault({ function: 'worker', delayMs: 1_000, first: 2 });
      engine.fault({ function: 'arn:aws:lambda:us-east-1:000000000000:function:worker', delayMs: 2_000, share: 0.5 });
      for (let n = 0; n < 12; n++) {
        await lambda.send(new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' }));
        await engine.advance(20_000);
      }
      return left;
    };
    const once = await delayed();
    await engine.close();
    expect(await delayed()).toEqual(once);
    expect(once).toHaveLength(12);
    for (const left of once.slice(0, 2)) expect([9_000, 7_000]).toContain(left);
    expect(new Set(once.slice(2))).toEqual(new Set([10_000, 8_000]));
  });

  it('an asynchronous event is tried again as after any timeout, and comes through when the fault is over', async () => {
    await start();
    await createFunction();
    const times: number[] = [];
    const begin = engine.time.now();
    engine.bind('worker', () => void times.push(engine.time.now() - begin));
    const fault = engine.fault({ function: 'worker', delayMs: 60_000, first: 2 });
    await lambda.send(new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' }));
    await engine.advance(600_000);
    expect(fault).toMatchObject({ count: 2, holding: 0 });
    // Two time limits, and Lambda's waits of about one and two minutes.
    expect(times).toHaveLength(1);
    expect(times[0]).toBeGreaterThanOrEqual(200_000);
    expect(times[0]).toBeLessThan(300_000);
  });

  it('a state machine that waits less long goes on without it, and the invocation runs all the same', async () => {
    await start();
    await createFunction();
    let runs = 0;
    engine.bind('worker', () => {
      runs += 1;
    });
    engine.fault({ function: 'worker', delayMs: 5_000 });
    const sfn = new SFNClient(clientOptions(engine));
    const Resource = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'impatient',
        roleArn: 'arn:aws:iam::000000000000:role/runner',
        definition: JSON.stringify({
          StartAt: 'Work',
          States: { Work: { Type: 'Task', Resource, TimeoutSeconds: 3, End: true } },
        }),
      }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    await engine.advance(4_000);
    const { status, error } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect([status, error, runs]).toEqual(['FAILED', 'States.Timeout', 0]);
    await engine.advance(60_000);
    expect(runs).toBe(1);
    sfn.destroy();
  });

  it('goes on when time begins to stand still, and when it runs again', async () => {
    await start({ clock: 'live' });
    await createFunction();
    const fault = engine.fault({ function: 'worker', delayMs: 8_000 });
    const answer = lambda.send(new InvokeCommand({ FunctionName: 'worker' }));
    await vi.waitFor(() => expect(fault.holding).toBe(1));
    await engine.setMode('virtual');
    await engine.advance(7_000);
    expect(fault.holding).toBe(1);
    await engine.setMode('live');
    const left = Number(textOf(await answer));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(2_000);
  });

  it('a reset or the end of the engine tells who waits, and forgets what was held; faults stay', async () => {
    await start();
    await createFunction();
    const fault = engine.fault({ function: 'worker', delayMs: 5_000 });
    const { answer } = await invoke();
    await engine.reset();
    expect(textOf(await answer)).toContain('The engine has ended');
    expect(fault.holding).toBe(0);
    await createFunction();
    const { answer: second } = await invoke();
    expect(fault).toMatchObject({ count: 2, holding: 1 });
    await engine.advance(5_000);
    expect(textOf(await second)).toBe('5000');
    const { answer: third } = await invoke();
    await engine.close();
    await third.catch(() => {});
    expect(fault.holding).toBe(0);
  });

  it('an event that is held when the engine ends runs after its next start', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-held-'));
    directories.push(dataDir);
    await start({ dataDir });
    await createFunction();
    const fault = engine.fault({ function: 'worker', delayMs: 5_000 });
    await lambda.send(new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' }));
    await engine.advance(1_000);
    expect(fault.holding).toBe(1);
    await engine.close();
    lambda.destroy();

    await start({ dataDir });
    const seen: number[] = [];
    engine.bind('worker', (_, context) => void seen.push(context.getRemainingTimeInMillis()));
    await engine.advance(600_000);
    expect(seen).toEqual([10_000]);
  });

  it.each([
    [
      'Python',
      'python3.13',
      { 'index.py': 'def handler(event, context):\n    return context.get_remaining_time_in_millis()\n' },
    ],
    ['a process of its own', 'nodejs24.x', { 'index.js': LEFT }],
  ])('%s has less time, too', async (_, Runtime, files) => {
    await start({ clock: 'live', isolation: 'process' });
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'worker',
        Runtime: Runtime as 'python3.13',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/runner',
        Code: { ZipFile: archiveOf(files) },
        Timeout: 60,
      }),
    );
    engine.fault({ function: 'worker', delayMs: 500 });
    const left = Number(textOf(await lambda.send(new InvokeCommand({ FunctionName: 'worker' }))));
    expect(left).toBeLessThanOrEqual(59_500);
    expect(left).toBeGreaterThan(40_000);
  });
});

describe('a fault of a function', () => {
  it.each([
    [{ function: 'workers', delayMs: 1 }, 'function', 'is no function that is here; there are worker'],
    [{ function: '', delayMs: 1 }, 'function', 'must be the name or the ARN'],
    [{ function: 5, delayMs: 1 }, 'function', 'must be the name or the ARN'],
    [
      { function: 'arn:aws:lambda:us-east-1:000000000000:function:worker:3', delayMs: 1 },
      'function',
      'without a version or an alias',
    ],
    [{ function: 'arn:aws:lambda:eu-west-1:000000000000:function:worker', delayMs: 1 }, 'function', 'is no function'],
    [{ function: 'worker' }, 'delayMs', 'from 0 to 900000'],
    [{ function: 'worker', delayMs: -1 }, 'delayMs', 'from 0 to 900000'],
    [{ function: 'worker', delayMs: 900_001 }, 'delayMs', 'from 0 to 900000'],
    [{ function: 'worker', delayMs: 1.5 }, 'delayMs', 'from 0 to 900000'],
    [{ function: 'worker', delayMs: 1, share: 0 }, 'share', 'above 0'],
    [{ function: 'worker', delayMs: 1, share: '0.5' }, 'share', 'above 0'],
    [{ function: 'worker', delayMs: 1, first: 0 }, 'first', 'whole number from 1'],
    [
      { function: 'worker', delayMs: 1, action: 'Invoke' },
      'action',
      'is not known; use function, delayMs, first, share',
    ],
    [{ function: 'worker', service: 'sqs', delayMs: 1 }, 'service', 'does not go with function'],
  ])('%j is refused', async (wanted, field, text) => {
    await start();
    await createFunction();
    expect(() => engine.fault(wanted as never)).toThrow(
      expect.objectContaining({ field, message: expect.stringContaining(text) }),
    );
    expect(() => engine.fault(wanted as never)).toThrow(InvalidInputError);
    expect(engine.faults.states()).toEqual([]);
  });

  it('finds a function of a stack by its logical id and its path', async () => {
    await start();
    const Properties = {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: LEFT },
    };
    const Resources = { Worker0123ABCD: { Type: 'AWS::Lambda::Function', Properties } };
    await engine.deployTemplate('Orders', JSON.stringify({ Resources }));
    for (const name of ['Worker0123ABCD', 'Orders/Worker']) {
      engine.fault({ function: name, delayMs: 1_000 });
    }
    expect(engine.faults.states()).toMatchObject([
      { functionArn: expect.stringMatching(/:function:Orders-Worker0123ABCD-/) },
      { functionArn: expect.stringMatching(/:function:Orders-Worker0123ABCD-/) },
    ]);
  });

  it('names those that are meant, or some of those that there are', async () => {
    await start();
    expect(() => engine.fault({ function: 'Worker', delayMs: 1 })).toThrow('; there are none in us-east-1');
    const Properties = {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: LEFT },
    };
    const Resources = Object.fromEntries(
      Array.from('ABCDE', (letter) => [`Worker${letter}`, { Type: 'AWS::Lambda::Function', Properties }]),
    );
    for (const stack of ['One', 'Two']) await engine.deployTemplate(stack, JSON.stringify({ Resources }));

    expect(() => engine.fault({ function: 'WorkerA', delayMs: 1 })).toThrow(
      /is any of One-WorkerA-\w+, Two-WorkerA-\w+; use its name/,
    );
    expect(() => engine.fault({ function: 'Worker', delayMs: 1 })).toThrow(
      /; there are (?:One-Worker[A-E]-\w+, ){5}(?:Two-Worker[A-E]-\w+(?:, )?){3} and 2 more/,
    );
  });
});
