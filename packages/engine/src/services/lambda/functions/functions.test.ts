import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const valid = {
  FunctionName: 'fn',
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/runner',
  Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) },
};

describe('a function', () => {
  it('answers its creation as AWS does, with defaults, and is active afterwards', async () => {
    const bench = new LambdaBench({ start: Date.UTC(2025, 0, 2, 3, 4, 5, 6) });

    const created = await bench.call('CreateFunction', valid);

    expect(created).toMatchObject({
      FunctionName: 'fn',
      FunctionArn: ARN,
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
      Timeout: 3,
      MemorySize: 128,
      Version: '$LATEST',
      CodeSize: 4,
      Description: '',
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      TracingConfig: { Mode: 'PassThrough' },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/fn' },
      LastModified: '2025-01-02T03:04:05.006+0000',
    });
    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'Successful',
    });
  });

  it.each(['fn', 'function:fn', '000000000000:function:fn', '000000000000:fn', ARN, `${ARN}:$LATEST`])(
    'is found by %s',
    async (name) => {
      const bench = new LambdaBench();
      await bench.createFunction('fn');

      expect(await bench.call('GetFunctionConfiguration', { FunctionName: name })).toMatchObject({
        FunctionName: 'fn',
      });
    },
  );

  it('says that its code is not signed, for tools that ask', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await bench.call('GetFunctionCodeSigningConfig', { FunctionName: 'fn' })).toEqual({ FunctionName: 'fn' });
    expect(await bench.refusal('GetFunctionCodeSigningConfig', { FunctionName: 'absent' })).toEqual([
      404,
      'ResourceNotFoundException',
      'Function not found: arn:aws:lambda:us-east-1:000000000000:function:absent',
    ]);
  });

  it.each<[string, object, unknown]>([
    [
      'an unknown role shape',
      { Role: 'runner' },
      [
        400,
        'ValidationException',
        String.raw`1 validation error detected: Value 'runner' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`,
      ],
    ],
    [
      'a timeout of 901 s',
      { Timeout: 901 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
      ],
    ],
    [
      '64 MB',
      { MemorySize: 64 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
      ],
    ],
    [
      'a reserved variable',
      { Environment: { Variables: { AWS_REGION: 'x', OK_NAME: 'y' } } },
      [
        400,
        'InvalidParameterValueException',
        'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION',
      ],
    ],
    [
      'more than 4 KB of variables',
      { Environment: { Variables: { LARGE_VAR: 'x'.repeat(4_090) } } },
      [
        400,
        'InvalidParameterValueException',
        `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"LARGE_VAR":"${'x'.repeat(4_090)}"}`,
      ],
    ],
    [
      'an object that is not there',
      { Code: { S3Bucket: 'code', S3Key: 'fn.zip' } },
      [
        400,
        'InvalidParameterValueException',
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      ],
    ],
    [
      'code that is no archive',
      { Code: { ZipFile: new Uint8Array([1, 2, 3, 4]) } },
      [
        400,
        'InvalidParameterValueException',
        'Could not unzip uploaded file. Please check your file, then try to upload again.',
      ],
    ],
    [
      'an empty archive',
      { Code: { ZipFile: new Uint8Array() } },
      [400, 'InvalidParameterValueException', 'Uploaded file must be a non-empty zip'],
    ],
  ])('is refused with %s', async (_name, input, expected) => {
    expect(await new LambdaBench().refusal('CreateFunction', { ...valid, ...input })).toEqual(expected);
  });

  it.each<[object, string]>([
    [{ PackageType: 'Image' }, 'PackageType Image'],
    [{ VpcConfig: { SubnetIds: ['subnet-1'] } }, 'VpcConfig'],
    [{ SnapStart: { ApplyOn: 'PublishedVersions' } }, 'SnapStart'],
    [{ Runtime: 'java21' }, 'runtime java21'],
  ])('is refused by name with %j', async (input, name) => {
    expect(await new LambdaBench().refusal('CreateFunction', { ...valid, ...input })).toEqual([
      501,
      'NotSupportedByHoldfast',
      expect.stringContaining(name),
    ]);
  });

  it('may say that it has no VPC and no SnapStart', async () => {
    const bench = new LambdaBench();
    const input = { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] }, SnapStart: { ApplyOn: 'None' } };

    expect(await bench.refusal('CreateFunction', { ...valid, ...input })).toBe('accepted');
  });

  it('cannot be created twice', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await bench.refusal('CreateFunction', valid)).toEqual([
      409,
      'ResourceConflictException',
      'Function already exist: fn',
    ]);
  });

  it('takes its code from a bucket, or from a directory while developing', async () => {
    const bench = new LambdaBench();
    bench.objects.set('code/fn.zip', new Uint8Array([0x50, 0x4b, 0x03, 0x04, 9]));

    await bench.call('CreateFunction', { ...valid, Code: { S3Bucket: 'code', S3Key: 'fn.zip' } });
    await bench.call('CreateFunction', {
      ...valid,
      FunctionName: 'hot',
      Code: { S3Bucket: 'hot-reload', S3Key: '/src/hot' },
    });
    void bench.call('Invoke', { FunctionName: 'fn' });
    void bench.call('Invoke', { FunctionName: 'hot' });

    expect(bench.invocations[0]?.spec.code).toMatchObject({ kind: 'zip' });
    expect(bench.invocations[1]?.spec.code).toEqual({ kind: 'directory', path: '/src/hot' });
  });

  it('gets another revision, and its warm environments retire, with every change of code or configuration', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    const revisions = new Set<string>();
    const run = (): void => {
      void bench.call('Invoke', { FunctionName: 'fn' });
      revisions.add(bench.invocations.at(-1)?.spec.revision ?? '');
    };

    run();
    run();
    const updated = await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Timeout: 9 });
    run();
    await bench.call('UpdateFunctionCode', { FunctionName: 'fn', ZipFile: new Uint8Array([0x50, 0x4b, 3, 4, 7]) });
    run();
    await bench.call('AddPermission', {
      FunctionName: 'fn',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    });
    run();

    expect(updated).toMatchObject({ State: 'Active', LastUpdateStatus: 'InProgress', Timeout: 9 });
    expect(revisions.size).toBe(3);
    expect(bench.retired).toEqual([ARN, ARN]);
  });

  it('cannot be changed with an old revision id', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await bench.refusal('UpdateFunctionConfiguration', { FunctionName: 'fn', RevisionId: 'old' })).toEqual([
      412,
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    ]);
  });

  it('loses its dead-letter queue when an empty ARN is given', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, {
      DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dlq' },
    });

    await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', DeadLetterConfig: { TargetArn: '' } });

    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).not.toHaveProperty('DeadLetterConfig');
  });

  it('is gone with everything that hangs on it when deleted', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 900 });

    await bench.call('DeleteFunction', { FunctionName: 'fn' });

    expect(await bench.refusal('GetFunction', { FunctionName: 'fn' })).toEqual([
      404,
      'ResourceNotFoundException',
      `Function not found: ${ARN}`,
    ]);
    expect(await bench.call('GetAccountSettings')).toMatchObject({
      AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 },
      AccountUsage: { FunctionCount: 0 },
    });
  });

  it('is listed in pages by name', async () => {
    const bench = new LambdaBench();
    for (const name of ['c', 'a', 'b']) await bench.createFunction(name);

    const first = await bench.call<{ Functions: { FunctionName: string }[]; NextMarker: string }>('ListFunctions', {
      MaxItems: 2,
    });
    const second = await bench.call<typeof first>('ListFunctions', { MaxItems: 2, Marker: first.NextMarker });

    expect(first.Functions.map((fn) => fn.FunctionName)).toEqual(['a', 'b']);
    expect(second.Functions.map((fn) => fn.FunctionName)).toEqual(['c']);
    expect(second).not.toHaveProperty('NextMarker');
  });

  it('survives a restart with all its settings, and unused code is swept', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    await before.createFunction('fn', undefined, { Tags: { team: 'ingest' } });
    await before.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 50 });
    await before.call('UpdateFunctionCode', { FunctionName: 'fn', ZipFile: new Uint8Array([0x50, 0x4b, 3, 4, 8]) });
    expect(store.bytes.size).toBe(2);

    const after = new LambdaBench({ store, seed: 2 });

    expect(await after.call('GetFunction', { FunctionName: 'fn' })).toMatchObject({
      Configuration: { FunctionName: 'fn', CodeSize: 5 },
      Tags: { team: 'ingest' },
      Concurrency: { ReservedConcurrentExecutions: 50 },
    });
    expect(await after.call('GetAccountSettings')).toMatchObject({
      AccountLimit: { UnreservedConcurrentExecutions: 950 },
    });
    expect(store.bytes.size).toBe(1);
  });
});

describe('versions and aliases', () => {
  it('publish once per change, run frozen, and move by alias', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Description: 'first' });
    const one = await bench.call('PublishVersion', { FunctionName: 'fn' });
    const again = await bench.call('PublishVersion', { FunctionName: 'fn' });
    await bench.call('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });
    await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Timeout: 30 });
    await bench.call('PublishVersion', { FunctionName: 'fn' });

    void bench.call('Invoke', { FunctionName: 'fn:live' });
    await bench.call('UpdateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '2' });
    void bench.call('Invoke', { FunctionName: 'fn', Qualifier: 'live' });

    expect([one['Version'], again['Version']]).toEqual(['1', '1']);
    expect(one['FunctionArn']).toBe(`${ARN}:1`);
    expect(bench.invocations.map((run) => [run.spec.version, run.spec.timeoutSeconds, run.invokedFunctionArn])).toEqual(
      [
        ['1', 3, `${ARN}:live`],
        ['2', 30, `${ARN}:live`],
      ],
    );
    const listed = await bench.call<{ Versions: { Version: string }[] }>('ListVersionsByFunction', {
      FunctionName: 'fn',
    });
    expect(listed.Versions.map((version) => version.Version)).toEqual(['$LATEST', '1', '2']);
  });

  it('refuse what AWS refuses', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Publish: true });
    await bench.call('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });

    expect(await bench.refusal('GetAlias', { FunctionName: 'fn', Name: 'x' })).toEqual([
      404,
      'ResourceNotFoundException',
      `Cannot find alias arn: ${ARN}:x`,
    ]);
    expect(await bench.refusal('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' })).toEqual([
      409,
      'ResourceConflictException',
      `Alias already exists: ${ARN}:live`,
    ]);
    expect(await bench.refusal('CreateAlias', { FunctionName: 'fn', Name: 'new', FunctionVersion: '7' })).toEqual([
      404,
      'ResourceNotFoundException',
      `Function not found: ${ARN}:7`,
    ]);
    expect(await bench.refusal('DeleteFunction', { FunctionName: 'fn', Qualifier: '1' })).toEqual([
      409,
      'ResourceConflictException',
      'Unable to delete version because the following aliases reference it: [live]',
    ]);
  });
});

describe('reserved concurrency', () => {
  it('is put, read and taken away', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await bench.call('GetFunctionConcurrency', { FunctionName: 'fn' })).toEqual({});
    expect(await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 0 })).toEqual(
      { ReservedConcurrentExecutions: 0 },
    );
    await bench.call('DeleteFunctionConcurrency', { FunctionName: 'fn' });
    expect(await bench.call('GetFunctionConcurrency', { FunctionName: 'fn' })).toEqual({});
  });

  it('leaves at least 100 places unreserved, counting its own old reservation', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await bench.createFunction('other');
    const put = (FunctionName: string, ReservedConcurrentExecutions: number) =>
      bench.refusal('PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });

    expect(await put('fn', 900)).toBe('accepted');
    expect(await put('fn', 899)).toBe('accepted');
    expect(await put('other', 2)).toEqual([
      400,
      'InvalidParameterValueException',
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    ]);
    expect(await put('other', 1)).toBe('accepted');
    expect(await put(`${ARN}:1`, 1)).toEqual([
      400,
      'InvalidParameterValueException',
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    ]);
  });
});

describe('tags', () => {
  it('are kept on functions and mappings', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Tags: { a: '1' } });
    await bench.call('TagResource', { Resource: ARN, Tags: { b: '2' } });
    await bench.call('UntagResource', { Resource: ARN, TagKeys: ['a'] });
    const queue = bench.queues.add('orders');
    const mapping = await bench.call<{ EventSourceMappingArn: string }>('CreateEventSourceMapping', {
      EventSourceArn: queue.arn,
      FunctionName: 'fn',
      Tags: { c: '3' },
    });

    expect(await bench.call('ListTags', { Resource: ARN })).toEqual({ Tags: { b: '2' } });
    expect(await bench.call('ListTags', { Resource: mapping.EventSourceMappingArn })).toEqual({ Tags: { c: '3' } });
  });
});
