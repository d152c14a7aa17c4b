import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const put = (bench: LambdaBench, Qualifier: string, ProvisionedConcurrentExecutions: number, FunctionName = 'fn') =>
  bench.call('PutProvisionedConcurrencyConfig', { FunctionName, Qualifier, ProvisionedConcurrentExecutions });
const get = (bench: LambdaBench, Qualifier: string) =>
  bench.call('GetProvisionedConcurrencyConfig', { FunctionName: 'fn', Qualifier });

/** A function with versions 1 and 2, runs of which take ten seconds. */
const withVersions = async (bench: LambdaBench): Promise<void> => {
  await bench.createFunction('fn', () => ({ durationMs: 10_000 }), { Publish: true });
  await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Description: 'second' });
  await bench.call('PublishVersion', { FunctionName: 'fn' });
};

/** Starts an invocation; `undefined` unless it is refused at once. */
const begin = async (bench: LambdaBench, Qualifier?: string): Promise<unknown> => {
  let reason: unknown;
  void bench.call('Invoke', { FunctionName: 'fn', Qualifier }).catch((error: { members?: { Reason?: unknown } }) => {
    reason = error.members?.Reason ?? error;
  });
  await bench.advance(0);
  return reason;
};

const kinds = (bench: LambdaBench): (string | undefined)[] =>
  bench.invocations.map(({ spec }) => spec.initializationType);

describe('a provisioned concurrency configuration', () => {
  it('is in progress, then ready, is listed, and goes', async () => {
    const bench = new LambdaBench();
    await withVersions(bench);
    const inProgress = {
      RequestedProvisionedConcurrentExecutions: 5,
      AllocatedProvisionedConcurrentExecutions: 0,
      AvailableProvisionedConcurrentExecutions: 0,
      Status: 'IN_PROGRESS',
      LastModified: expect.stringMatching(/\+0000$/),
    };
    const ready = {
      ...inProgress,
      AllocatedProvisionedConcurrentExecutions: 5,
      AvailableProvisionedConcurrentExecutions: 5,
      Status: 'READY',
    };

    expect(await put(bench, '1', 5)).toEqual(inProgress);
    expect(await get(bench, '1')).toEqual(inProgress);
    await bench.advance(1_000);
    expect(await get(bench, '1')).toEqual(ready);
    expect(await bench.call('ListProvisionedConcurrencyConfigs', { FunctionName: 'fn' })).toEqual({
      ProvisionedConcurrencyConfigs: [{ FunctionArn: `${ARN}:1`, ...ready }],
    });
    expect(bench.provisioned).toEqual(new Map([['fn:1', 5]]));

    await bench.call('DeleteProvisionedConcurrencyConfig', { FunctionName: 'fn', Qualifier: '1' });
    expect(bench.provisioned).toEqual(new Map([['fn:1', 0]]));
    expect(await bench.refusal('GetProvisionedConcurrencyConfig', { FunctionName: 'fn', Qualifier: '1' })).toEqual([
      404,
      'ProvisionedConcurrencyConfigNotFoundException',
      'No Provisioned Concurrency Config found for this function',
    ]);
    expect(await bench.call('ListProvisionedConcurrencyConfigs', { FunctionName: 'fn' })).toEqual({
      ProvisionedConcurrencyConfigs: [],
    });
  });

  it('fails when the code cannot be initialised, and leaves its version on demand', async () => {
    const bench = new LambdaBench();
    await withVersions(bench);
    bench.brokenAtStart.add('fn');
    await put(bench, '1', 1);
    await bench.advance(1_000);

    expect(await get(bench, '1')).toMatchObject({
      AllocatedProvisionedConcurrentExecutions: 0,
      Status: 'FAILED',
      StatusReason: 'FUNCTION_ERROR_INIT_FAILURE',
    });
    expect(bench.logs.map(({ stream, message }) => [stream, message])).toEqual([
      ['ahead', expect.stringMatching(/^INIT_START Runtime Version: /)],
      ['ahead', '[ERROR] Exception: no\n'],
      ['ahead', 'INIT_REPORT Init Duration: 12.50 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n'],
    ]);
    expect(await begin(bench, '1')).toBeUndefined();
    expect(kinds(bench)).toEqual([undefined]);

    bench.brokenAtStart.clear();
    await put(bench, '1', 1);
    await bench.advance(1_000);
    expect(await get(bench, '1')).toMatchObject({ Status: 'READY' });
  });

  it.each<[string, object, readonly unknown[]]>([
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '1', ProvisionedConcurrentExecutions: 0 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1",
      ],
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '$LATEST', ProvisionedConcurrentExecutions: 1 },
      [
        400,
        'InvalidParameterValueException',
        'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
      ],
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'nope', Qualifier: 'live', ProvisionedConcurrentExecutions: 1 },
      [
        404,
        'ResourceNotFoundException',
        'Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:nope:live',
      ],
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '10', ProvisionedConcurrentExecutions: 1 },
      [404, 'ResourceNotFoundException', `Function not found: ${ARN}:10`],
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '1', ProvisionedConcurrentExecutions: 1_001 },
      [
        400,
        'InvalidParameterValueException',
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
      ],
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '1', ProvisionedConcurrentExecutions: 901 },
      [
        400,
        'InvalidParameterValueException',
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      ],
    ],
    [
      'GetProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: '$LATEST' },
      [
        400,
        'InvalidParameterValueException',
        'The function resource provided must be an alias or a published version.',
      ],
    ],
    [
      'DeleteProvisionedConcurrencyConfig',
      { FunctionName: 'fn', Qualifier: 'live' },
      [404, 'ResourceNotFoundException', `Cannot find alias arn: ${ARN}:live`],
    ],
    ['DeleteProvisionedConcurrencyConfig', { FunctionName: 'fn', Qualifier: '1' }, 'accepted' as never],
  ])('answers %s with %j as AWS does', async (action, input, expected) => {
    const bench = new LambdaBench();
    await withVersions(bench);

    expect(await bench.refusal(action, input)).toEqual(expected);
  });

  it('belongs to a version or to one alias of it, and goes with the alias', async () => {
    const bench = new LambdaBench();
    await withVersions(bench);
    const alias = { FunctionName: 'fn', Name: 'live' };
    await bench.call('CreateAlias', { ...alias, FunctionVersion: '1' });
    const input = { FunctionName: 'fn', ProvisionedConcurrentExecutions: 1 };

    await put(bench, '1', 1);
    expect(await bench.refusal('PutProvisionedConcurrencyConfig', { ...input, Qualifier: 'live' })).toEqual([
      409,
      'ResourceConflictException',
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    ]);
    await bench.call('DeleteProvisionedConcurrencyConfig', { FunctionName: 'fn', Qualifier: '1' });
    await put(bench, 'live', 1);
    expect(await bench.refusal('PutProvisionedConcurrencyConfig', { ...input, Qualifier: '1' })).toEqual([
      409,
      'ResourceConflictException',
      'Version is pointed by a Provisioned Concurrency alias',
    ]);
    await bench.advance(1_000);
    await bench.call('DeleteAlias', alias);
    expect(bench.provisioned.get('fn:1')).toBe(0);
    expect(await bench.call('ListProvisionedConcurrencyConfigs', { FunctionName: 'fn' })).toEqual({
      ProvisionedConcurrencyConfigs: [],
    });
  });

  it('follows its alias, is divided by the weights of two versions, and survives a restart', async () => {
    const store = new MapStore();
    const bench = new LambdaBench({ store });
    await withVersions(bench);
    const alias = { FunctionName: 'fn', Name: 'live' };
    await bench.call('CreateAlias', { ...alias, FunctionVersion: '1' });
    await put(bench, 'live', 4);
    await bench.advance(1_000);
    await bench.call('UpdateAlias', { ...alias, FunctionVersion: '2' });
    expect(await get(bench, 'live')).toMatchObject({ Status: 'READY', AllocatedProvisionedConcurrentExecutions: 4 });
    await bench.advance(1_000);
    expect(bench.provisioned).toEqual(
      new Map([
        ['fn:1', 0],
        ['fn:2', 4],
      ]),
    );

    await bench.call('UpdateAlias', { ...alias, RoutingConfig: { AdditionalVersionWeights: { '1': 0.25 } } });
    await bench.advance(1_000);
    expect(bench.provisioned).toEqual(
      new Map([
        ['fn:1', 1],
        ['fn:2', 3],
      ]),
    );

    const again = new LambdaBench({ store });
    expect(await get(again, 'live')).toMatchObject({ Status: 'IN_PROGRESS' });
    await again.advance(1_000);
    expect(await get(again, 'live')).toMatchObject({ Status: 'READY', AllocatedProvisionedConcurrentExecutions: 4 });
    expect(await again.call('GetAccountSettings')).toMatchObject({
      AccountLimit: { UnreservedConcurrentExecutions: 1_000 },
    });
  });
});

describe('invocations of a version with provisioned concurrency', () => {
  it('take the environments that are there, then spill over to others on demand, and are counted apart', async () => {
    const bench = new LambdaBench();
    await withVersions(bench);
    await bench.call('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });
    await put(bench, 'live', 2);
    expect(await begin(bench, 'live')).toBeUndefined();
    await bench.advance(1_000);

    for (const qualifier of ['live', '1', 'live', '$LATEST', '2']) {
      expect(await begin(bench, qualifier)).toBeUndefined();
    }

    const ahead = 'provisioned-concurrency';
    expect(kinds(bench)).toEqual([undefined, ahead, ahead, undefined, undefined, undefined]);
    expect(bench.total('ProvisionedConcurrencyInvocations')).toBe(2);
    expect(bench.total('ProvisionedConcurrencySpilloverInvocations')).toBe(1);
    const utilization = bench.points.filter(
      ({ name, dimensions }) => name === 'ProvisionedConcurrencyUtilization' && dimensions === undefined,
    );
    expect(utilization.map(({ value }) => value)).toEqual([0.5, 1]);

    await bench.advance(10_000);
    await begin(bench, '1');
    expect(kinds(bench).at(-1)).toBe(ahead);
  });

  it('leave nothing to others when all of the reserved concurrency is provisioned', async () => {
    const bench = new LambdaBench();
    await withVersions(bench);
    await put(bench, '1', 2);
    await bench.advance(1_000);

    expect(
      await bench.refusal('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 1 }),
    ).toEqual([
      400,
      'InvalidParameterValueException',
      " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
    ]);
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 2 });
    expect(await begin(bench)).toBe('ReservedFunctionConcurrentInvocationLimitExceeded');
    expect(await begin(bench, '1')).toBeUndefined();
    expect(await begin(bench, '1')).toBeUndefined();
    expect(await begin(bench, '1')).toBe('ReservedFunctionConcurrentInvocationLimitExceeded');
    for (const [Qualifier, count] of [
      ['2', 1],
      ['1', 3],
    ] as const) {
      expect(
        await bench.refusal('PutProvisionedConcurrencyConfig', {
          FunctionName: 'fn',
          Qualifier,
          ProvisionedConcurrentExecutions: count,
        }),
      ).toEqual([
        400,
        'InvalidParameterValueException',
        'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      ]);
    }
  });

  it('are taken out of what the account shares, and given back with the function', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 102 } });
    await withVersions(bench);
    await bench.createFunction('other', () => ({ durationMs: 1_000 }));
    await put(bench, '1', 2);
    await bench.advance(1_000);

    const start = async (count: number): Promise<string[]> => {
      const reasons: string[] = [];
      for (let index = 0; index < count; index++) {
        void bench
          .call('Invoke', { FunctionName: 'other' })
          .catch((error: { members: { Reason: string } }) => reasons.push(error.members.Reason));
      }
      await bench.advance(0);
      return reasons;
    };
    expect(await start(101)).toEqual(['ConcurrentInvocationLimitExceeded']);
    expect(await begin(bench, '1')).toBeUndefined();
    await bench.advance(60_000);

    await bench.call('DeleteFunction', { FunctionName: 'fn' });
    expect(bench.provisioned.get('fn:1')).toBe(0);
    expect(await start(102)).toEqual([]);
  });
});
