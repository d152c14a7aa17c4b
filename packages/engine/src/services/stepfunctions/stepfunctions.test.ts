import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { eventNames, StatesBench } from './state-machine-bench.ts';

const one = (state: object, rest: object = {}) => ({ StartAt: 'A', States: { A: state, ...rest } });

describe('an execution', () => {
  it('goes from state to state and tells of each', async () => {
    const bench = new StatesBench();
    const arn = await bench.begin(
      await bench.create(
        one({ Type: 'Pass', Result: { n: 1 }, ResultPath: '$.made', Next: 'B' }, { B: { Type: 'Succeed' } }),
      ),
      { given: true },
    );

    expect(await bench.describe(arn)).toMatchObject({
      status: 'SUCCEEDED',
      input: '{"given":true}',
      output: '{"given":true,"made":{"n":1}}',
    });
    expect(eventNames(await bench.history(arn))).toEqual([
      '1<0 ExecutionStarted',
      '2<0 PassStateEntered',
      '3<2 PassStateExited',
      '4<3 SucceedStateEntered',
      '5<4 SucceedStateExited',
      '6<5 ExecutionSucceeded',
    ]);
  });

  it('has a version of its own for each description', async () => {
    const bench = new StatesBench();
    const stateMachineArn = await bench.create(one({ Type: 'Succeed' }));
    const publish = (versionDescription: string) =>
      bench.call<{ stateMachineVersionArn: string }>('states', 'UpdateStateMachine', {
        stateMachineArn,
        definition: JSON.stringify(one({ Type: 'Succeed' })),
        publish: true,
        versionDescription,
      });

    expect((await publish('first')).stateMachineVersionArn).toMatch(/:1$/);
    expect((await publish('first')).stateMachineVersionArn).toMatch(/:1$/);
    expect((await publish('second')).stateMachineVersionArn).toMatch(/:2$/);
  });

  it('waits to the second', async () => {
    const bench = new StatesBench();
    const arn = await bench.begin(await bench.create(one({ Type: 'Wait', Seconds: 3_600, End: true })));

    await bench.advance(3_599_999);
    expect((await bench.describe(arn)).status).toBe('RUNNING');
    await bench.advance(1);
    expect((await bench.describe(arn)).status).toBe('SUCCEEDED');
  });

  it('invokes functions, tries again with growing waits, and catches what is left', async () => {
    const bench = new StatesBench();
    const functionArn = await bench.addFunction('flaky');
    bench.functions.set('flaky', () => ({ error: { errorType: 'Boom', errorMessage: 'no' } }));
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
      Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2, MaxDelaySeconds: 5 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Sorry' }],
      End: true,
    };
    const arn = await bench.begin(await bench.create(one(task, { Sorry: { Type: 'Pass', End: true } })), { file: 'a' });
    const started = bench.clock.now();

    await bench.advance(60_000);

    const times = bench.invocations.map(({ startedAt }) => Math.round((startedAt - started) / 1_000));
    expect(times).toEqual([0, 2, 6, 11]);
    const { status, output } = await bench.describe(arn);
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output as string)).toMatchObject({ file: 'a', error: { Error: 'Boom' } });
  });

  it('runs branches and items, and puts their outputs in order', async () => {
    const bench = new StatesBench();
    const inner = { StartAt: 'W', States: { W: { Type: 'Wait', SecondsPath: '$', End: true } } };
    const result = await bench.run(
      one(
        { Type: 'Map', ItemsPath: '$.waits', MaxConcurrency: 2, ItemProcessor: inner, ResultPath: '$.map', Next: 'B' },
        {
          B: {
            Type: 'Parallel',
            Branches: [
              { StartAt: 'X', States: { X: { Type: 'Pass', Result: 'x', End: true } } },
              { StartAt: 'Y', States: { Y: { Type: 'Pass', Result: 'y', End: true } } },
            ],
            End: true,
          },
        },
      ),
      { waits: [3, 1, 2] },
      10_000,
    );

    expect(result).toMatchObject({ status: 'SUCCEEDED', output: '["x","y"]' });
  });

  it('computes with JSONata and keeps variables', async () => {
    const bench = new StatesBench();
    const result = await bench.run(
      {
        QueryLanguage: 'JSONata',
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Assign: { count: '{% $states.input.n + 1 %}' }, Next: 'B' },
          B: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $count > 41 %}', Next: 'C' }],
            Default: 'D',
          },
          C: { Type: 'Succeed', Output: { count: '{% $count %}', at: '{% $now() %}' } },
          D: { Type: 'Fail' },
        },
      },
      { n: 41 },
    );

    expect(JSON.parse(result.output as string)).toEqual({ count: 42, at: '2025-01-01T00:00:00.000Z' });
  });

  it('gives up a JSONata expression whose regular expression would try for hours', async () => {
    const bench = new StatesBench();
    const Output = `{% $match("${'a'.repeat(60)}!", /^(a+)+$/) %}`;
    const result = await bench.run({ QueryLanguage: 'JSONata', ...one({ Type: 'Pass', Output, End: true }) });

    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining('takes too long'),
    });
  });

  it('goes on after a restart, wherever it was', async () => {
    const store = new MapStore();
    const bench = new StatesBench({ store });
    const functionArn = await bench.addFunction('slow');
    bench.functions.set('slow', () => ({ result: { done: true }, durationMs: 30_000 }));
    const waiting = await bench.begin(await bench.create(one({ Type: 'Wait', Seconds: 60, End: true })));
    const working = await bench.begin(await bench.create(one({ Type: 'Task', Resource: functionArn, End: true })));
    const mapping = await bench.begin(
      await bench.create(
        one({
          Type: 'Map',
          End: true,
          MaxConcurrency: 1,
          ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 10, End: true } } },
        }),
      ),
      [1, 2, 3],
    );
    await bench.advance(15_000);

    const later = new StatesBench({ store: store.copy(), start: bench.clock.now() + 5_000 });
    later.functions.set('slow', () => ({ result: { done: 'again' }, durationMs: 1_000 }));
    await later.advance(60_000);

    expect(await later.describe(waiting)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await later.describe(working)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":"again"}' });
    expect(await later.describe(mapping)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2,3]' });
    for (const arn of [waiting, working, mapping]) {
      const ids = (await later.history(arn)).map(({ id }) => id);
      expect(ids).toEqual(ids.map((_, index) => index + 1));
    }
  });
});

describe('a definition', () => {
  const refused = async (definition: object): Promise<string> => {
    try {
      await new StatesBench().create(definition);
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('may not compute in paths', async () => {
    const pass = { Type: 'Pass', Parameters: { 'retryCount.$': '$.retryCount + 1' }, End: true };
    expect(await refused(one(pass))).toBe(
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The value for the field 'retryCount.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters'",
    );
    expect(await refused(one({ Type: 'Wait', SecondsPath: '$.waitSeconds * 2', End: true }))).toContain(
      'SCHEMA_VALIDATION_FAILED: Value is not a Reference Path at /States/A/SecondsPath',
    );
  });

  it.each<[string, assign: unknown, string]>([
    ['a variable that is reserved', { states: 1 }, "The variable 'states' is reserved at /States/A/Assign"],
    ['a variable that no expression can name', { '1st-try': 1 }, "'1st-try' is not the name of a variable"],
    ['no variables', 5, 'Expected value of type Object at /States/A/Assign'],
    ['variables', { first: 1, second_try: 2, größe: 3 }, 'taken'],
  ])('assigns %s', async (_name, Assign, message) => {
    for (const QueryLanguage of ['JSONata', 'JSONPath']) {
      expect(await refused({ QueryLanguage, ...one({ Type: 'Pass', Assign, End: true }) })).toContain(message);
    }
  });

  it('may not have a topic for a resource', async () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:product-upload-notifications';
    expect(await refused(one({ Type: 'Task', Resource: topic, End: true }))).toBe(
      `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided ${topic} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource'`,
    );
  });

  it('says which variables a state uses; what only looks like one in a template is text', async () => {
    const bench = new StatesBench();
    const state = { Type: 'Pass', Parameters: { text: '$text', 'used.$': '$used', 'all.$': 'States.Array($a, $b)' } };
    const stateMachineArn = await bench.create(one({ ...state, InputPath: '$input', End: true }));

    expect(await bench.call('states', 'DescribeStateMachine', { stateMachineArn })).toMatchObject({
      variableReferences: { A: ['a', 'b', 'input', 'used'] },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
  });
});
