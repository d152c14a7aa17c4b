import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { TestEngine } from '../../../test-engine.ts';
import { createFunction } from '../function-bench.ts';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const refusal = (bench: LambdaBench, action: string, input: object): Promise<unknown> =>
  bench.refusal(action, { FunctionName: 'fn', Name: 'live', ...input });

/** A function with versions 1 and 2. */
const twoVersions = async (bench: LambdaBench, behaviour?: Parameters<LambdaBench['createFunction']>[1]) => {
  await bench.createFunction('fn', behaviour, { Publish: true });
  await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Description: 'second' });
  await bench.call('PublishVersion', { FunctionName: 'fn' });
};

const weights = (share: Record<string, number>) => ({ RoutingConfig: { AdditionalVersionWeights: share } });

describe('the routing configuration of an alias', () => {
  it('is stored, shown, kept by other changes, replaced and taken away', async () => {
    const store = new MapStore();
    const bench = new LambdaBench({ store });
    await twoVersions(bench);
    const alias = { FunctionName: 'fn', Name: 'live' };

    expect(await bench.call('CreateAlias', { ...alias, FunctionVersion: '1', ...weights({ '2': 0.2 }) })).toMatchObject(
      weights({ '2': 0.2 }),
    );
    await bench.call('UpdateAlias', { ...alias, Description: 'careful' });
    const again = new LambdaBench({ store });
    expect(await again.call('GetAlias', alias)).toMatchObject({ FunctionVersion: '1', ...weights({ '2': 0.2 }) });
    expect(await again.call('UpdateAlias', { ...alias, ...weights({ '2': 0.5 }) })).toMatchObject(
      weights({ '2': 0.5 }),
    );
    expect(await again.call('ListAliases', { FunctionName: 'fn', FunctionVersion: '2' })).toMatchObject({
      Aliases: [{ Name: 'live' }],
    });
    expect(await again.call('UpdateAlias', { ...alias, ...weights({}) })).not.toHaveProperty('RoutingConfig');
  });

  it.each<[string, Record<string, number>, readonly unknown[]]>([
    [
      '1',
      { '1': 0.8, '2': 0.2 },
      [400, 'InvalidParameterValueException', 'Number of items in AdditionalVersionWeights cannot be greater than 1'],
    ],
    [
      '1',
      { '2': 2 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
      ],
    ],
    [
      '1',
      { '2': -1 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '{2=-1.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
      ],
    ],
    [
      '1',
      { '1': 0.5 },
      [
        400,
        'InvalidParameterValueException',
        'Invalid function version 1. Function version 1 is already included in routing configuration.',
      ],
    ],
    ['10', { '2': 0.5 }, [404, 'ResourceNotFoundException', `Function not found: ${ARN}:10`]],
    ['1', { '10': 0.5 }, [404, 'ResourceNotFoundException', `Function not found: ${ARN}:10`]],
    [
      '$LATEST',
      { '1': 0.5 },
      [400, 'InvalidParameterValueException', '$LATEST is not supported for an alias pointing to more than 1 version'],
    ],
    [
      '1',
      { $LATEST: 0.5 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
      ],
    ],
  ])('is refused in the words of AWS: version %s with %j', async (FunctionVersion, share, expected) => {
    const bench = new LambdaBench();
    await twoVersions(bench);

    expect(await refusal(bench, 'CreateAlias', { FunctionVersion, ...weights(share) })).toEqual(expected);
  });

  it('wants one role and one dead-letter queue for both versions, and keeps both from being deleted', async () => {
    const bench = new LambdaBench();
    await twoVersions(bench);
    const change = async (more: object): Promise<void> => {
      await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', ...more });
      await bench.call('PublishVersion', { FunctionName: 'fn' });
    };
    await change({ Role: 'arn:aws:iam::000000000000:role/other' });
    const TargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    await change({ Role: 'arn:aws:iam::000000000000:role/runner', DeadLetterConfig: { TargetArn } });

    expect(await refusal(bench, 'CreateAlias', { FunctionVersion: '1', ...weights({ '3': 0.5 }) })).toEqual([
      400,
      'InvalidParameterValueException',
      'Specified versions must be associated with the same execution role',
    ]);
    expect(await refusal(bench, 'CreateAlias', { FunctionVersion: '1', ...weights({ '4': 0.5 }) })).toEqual([
      400,
      'InvalidParameterValueException',
      expect.stringContaining('dead letter queue'),
    ]);
    expect(await refusal(bench, 'CreateAlias', { FunctionVersion: '1', ...weights({ '2': 0.5 }) })).toBe('accepted');
    expect(await refusal(bench, 'UpdateAlias', { FunctionVersion: '2' })).toEqual([
      400,
      'InvalidParameterValueException',
      expect.stringContaining('already included'),
    ]);
    for (const Qualifier of ['1', '2']) {
      expect(await refusal(bench, 'DeleteFunction', { Qualifier })).toEqual([
        409,
        'ResourceConflictException',
        'Unable to delete version because the following aliases reference it: [live]',
      ]);
    }
  });
});

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A function `fn` whose version 2 fails, and an alias that sends this share to it. */
const engineWith = async (share: number): Promise<TestEngine> => {
  const test = new TestEngine();
  test.functions.set('fn', ({ spec }) =>
    spec.version === '2' ? { error: { errorType: 'Error', errorMessage: 'new and broken' } } : { result: 'old' },
  );
  await createFunction(test, 'fn', { Publish: true });
  await test.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'fn', Description: 'second' });
  await test.call('lambda', 'PublishVersion', { FunctionName: 'fn' });
  const alias = { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' };
  await test.call('lambda', 'CreateAlias', { ...alias, ...weights({ '2': share }) });
  return test;
};

const versionsRun = (test: TestEngine): string[] => test.invocations.map(({ spec }) => spec.version);

const errorsOf = async (test: TestEngine, ExecutedVersion: string): Promise<number> => {
  const { Datapoints = [] } = await test.call<{ Datapoints?: { Sum: number }[] }>('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [
      { Name: 'FunctionName', Value: 'fn' },
      { Name: 'Resource', Value: 'fn:live' },
      { Name: 'ExecutedVersion', Value: ExecutedVersion },
    ],
    StartTime: new Date(test.clock.now() - 86_400_000),
    EndTime: new Date(test.clock.now() + 86_400_000),
    Period: 172_800,
    Statistics: ['Sum'],
  });
  return Datapoints.reduce((total, { Sum }) => total + Sum, 0);
};

describe('an alias with two versions', () => {
  it('sends its share of the invocations to each, says which one ran, and counts them apart', async () => {
    const test = await engineWith(0.25);

    const answers: Record<string, unknown>[] = [];
    for (let index = 0; index < 400; index++) {
      const answer = test.call('lambda', 'Invoke', { FunctionName: 'fn', Qualifier: 'live' });
      await test.advance(1);
      answers.push(await answer);
    }

    const second = answers.filter(({ ExecutedVersion }) => ExecutedVersion === '2');
    expect(second.length).toBeGreaterThan(70);
    expect(second.length).toBeLessThan(130);
    expect(second.every(({ FunctionError }) => FunctionError === 'Unhandled')).toBe(true);
    expect(versionsRun(test)).toEqual(answers.map(({ ExecutedVersion }) => ExecutedVersion));
    expect(await errorsOf(test, '2')).toBe(second.length);
    expect(await errorsOf(test, '1')).toBe(0);
  });

  it.each([
    [0, '1'],
    [1, '2'],
  ])('with a weight of %d only ever runs version %s', async (share, version) => {
    const test = await engineWith(share);

    for (let index = 0; index < 50; index++)
      void test.call('lambda', 'Invoke', { FunctionName: 'fn', Qualifier: 'live' });
    await test.advance(1);

    expect(new Set(versionsRun(test))).toEqual(new Set([version]));
  });

  it('may run another version when an asynchronous event is retried', async () => {
    const test = await engineWith(0.5);
    for (let index = 0; index < 40; index++) {
      await test.call('lambda', 'Invoke', {
        FunctionName: 'fn',
        Qualifier: 'live',
        InvocationType: 'Event',
        Payload: encode({ index }),
      });
    }

    await test.advance(600_000);

    const byEvent = Map.groupBy(test.invocations, ({ requestId }) => requestId);
    const courses = [...byEvent.values()].map((runs) => runs.map(({ spec }) => spec.version).join());
    expect(new Set(courses)).toEqual(new Set(['1', '2,1', '2,2,1', '2,2,2']));
  });

  it('draws for every batch of an event source mapping', async () => {
    const test = await engineWith(0.5);
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'jobs' });
    await test.call('lambda', 'CreateEventSourceMapping', {
      FunctionName: 'fn:live',
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      BatchSize: 1,
    });
    for (let index = 0; index < 20; index++) {
      await test.call('sqs', 'SendMessage', { QueueUrl, MessageBody: String(index) });
    }

    await test.advance(20_000);

    expect(new Set(versionsRun(test))).toEqual(new Set(['1', '2']));
    expect(test.invocations.every(({ invokedFunctionArn }) => invokedFunctionArn === `${ARN}:live`)).toBe(true);
  });
});
