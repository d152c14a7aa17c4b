import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
const NAMESPACED = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`;

const fresh = {
  Runtime: 'python3.13',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/runner',
  Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) },
};

type Refusal = { code: string; message: string; status: number };

const refusal = async (bench: LambdaBench, action: string, input: object): Promise<Refusal> => {
  try {
    await bench.call(action, input);
  } catch (error) {
    const { code, message, status } = error as Refusal;
    return { code, message, status };
  }
  throw new Error(`${action} was accepted`);
};

const withFunction = async (): Promise<LambdaBench> => {
  const bench = new LambdaBench();
  await bench.createFunction('fn');
  return bench;
};

/** Answers that somebody recorded from AWS and that a caller may well compare word by word. */
describe('what AWS was recorded to answer', () => {
  it.each(['nodejs14.x', 'python3.7', 'provided', 'go1.x', 'java8', 'ruby2.7', 'dotnetcore3.1'])(
    'about the retired runtime %s',
    async (Runtime) => {
      const { code, message } = await refusal(new LambdaBench(), 'CreateFunction', {
        ...fresh,
        FunctionName: 'fn',
        Runtime,
      });

      expect(code).toBe('InvalidParameterValueException');
      expect(message).toBe(
        `The runtime parameter of ${Runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
      );
    },
  );

  it('about a runtime that nobody knows, and one that only AWS has', async () => {
    const bench = new LambdaBench();

    const unknown = await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'fn', Runtime: 'PYTHON3.9' });
    const foreign = await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'fn', Runtime: 'java21' });

    expect(unknown).toMatchObject({ code: 'InvalidParameterValueException', status: 400 });
    expect(unknown.message).toMatch(
      /^Value PYTHON3\.9 at 'runtime' failed .* enum value set: \[nodejs20\.x, .*valid ARN$/,
    );
    expect(foreign.code).toBe('NotSupportedByHoldfast');
  });

  it('about architectures: one, and of those that exist', async () => {
    const bench = new LambdaBench();
    const about = async (Architectures: string[]): Promise<string> =>
      (await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'fn', Architectures })).message;

    expect(await about(['X86_64'])).toBe(
      "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    );
    expect(await about(['x86_64', 'arm64'])).toBe(
      "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
    );
  });

  it('about names: with dots and 256 characters everywhere but at creation', async () => {
    const bench = new LambdaBench();

    expect(await refusal(bench, 'GetFunction', { FunctionName: 'my-function!' })).toMatchObject({
      code: 'ValidationException',
      message: `1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAMESPACED}`,
    });
    expect((await refusal(bench, 'GetFunction', { FunctionName: 'a.b' })).code).toBe('ResourceNotFoundException');
    const created = await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'a.b' });
    expect(created.message).toContain('(function:)?([a-zA-Z0-9-_]+)(:(');
    expect(await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'a'.repeat(65) })).toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringContaining('length less than or equal to 64'),
    });
  });

  it('about creating a function in another account', async () => {
    const FunctionName = ARN.replace('000000000000', '123456789012');

    expect(await refusal(new LambdaBench(), 'CreateFunction', { ...fresh, FunctionName })).toMatchObject({
      code: 'AccessDeniedException',
      status: 403,
    });
  });

  it('about code that is too large: the archive first, then the request with everything in it', async () => {
    const bench = new LambdaBench();
    const sized = (bytes: number): Uint8Array => {
      const archive = new Uint8Array(bytes);
      archive.set([0x50, 0x4b, 0x03, 0x04]);
      return archive;
    };
    const attempt = (archiveBytes: number, more: object): Promise<Refusal> =>
      refusal(bench, 'CreateFunction', {
        ...fresh,
        FunctionName: 'fn',
        Code: { ZipFile: sized(archiveBytes) },
        ...more,
      });

    expect(await attempt(52_428_801, {})).toEqual({
      code: 'RequestEntityTooLargeException',
      message: 'Zipped size must be smaller than 52428800 bytes',
      status: 413,
    });
    expect(await attempt(52_428_800, { Environment: { Variables: { LARGE: 'x'.repeat(1_000_000) } } })).toEqual({
      code: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 70167211 bytes for the CreateFunction operation',
      status: 413,
    });
  });

  it('about deleting versions: what is not there is gone, aliases and $LATEST are not deleted so', async () => {
    const bench = await withFunction();

    expect(await bench.call('DeleteFunction', { FunctionName: 'fn', Qualifier: '1233' })).toEqual({ StatusCode: 204 });
    expect((await refusal(bench, 'DeleteFunction', { FunctionName: 'none', Qualifier: '1' })).message).toBe(
      'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none',
    );
    expect((await refusal(bench, 'DeleteFunction', { FunctionName: 'none', Qualifier: '$LATEST' })).message).toBe(
      '$LATEST version cannot be deleted without deleting the function.',
    );
    expect((await refusal(bench, 'DeleteFunction', { FunctionName: 'none', Qualifier: 'live' })).message).toBe(
      'Deletion of aliases is not currently supported.',
    );
  });

  it('about a function that is created with a version: it shows the version under its own name', async () => {
    const bench = new LambdaBench();

    const created = await bench.call('CreateFunction', { ...fresh, FunctionName: 'fn', Publish: true });
    const all = await bench.call<{ Functions: { FunctionArn: string }[] }>('ListFunctions', { FunctionVersion: 'ALL' });

    expect(created).toMatchObject({ FunctionArn: ARN, Version: '1', State: 'Pending' });
    expect(all.Functions.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`]);
  });

  it('about revisions: becoming active or updated, and tags, make new ones', async () => {
    const bench = new LambdaBench();
    const revision = async (action: string, input: object): Promise<string> =>
      (await bench.call<{ RevisionId: string }>(action, { FunctionName: 'fn', ...input })).RevisionId;

    const seen = [
      await revision('CreateFunction', fresh),
      await revision('GetFunctionConfiguration', {}),
      await revision('UpdateFunctionConfiguration', { Timeout: 5 }),
      await revision('GetFunctionConfiguration', {}),
    ];
    await bench.call('TagResource', { Resource: ARN, Tags: { a: 'b' } });
    seen.push(await revision('GetFunctionConfiguration', {}));

    expect(new Set(seen).size).toBe(5);
    expect(await revision('GetFunctionConfiguration', {})).toBe(seen[4]);
  });

  it('about the runtime version: in configurations and in the log the same, not in lists', async () => {
    const bench = await withFunction();

    const shown = await bench.call<{ RuntimeVersionConfig: { RuntimeVersionArn: string } }>(
      'GetFunctionConfiguration',
      { FunctionName: 'fn' },
    );
    const listed = await bench.call<{ Functions: object[] }>('ListFunctions');

    expect(shown.RuntimeVersionConfig.RuntimeVersionArn).toMatch(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
    expect(listed.Functions[0]).not.toHaveProperty('RuntimeVersionConfig');
  });

  it('about permissions of what is not there', async () => {
    const bench = await withFunction();
    const statement = { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com' };
    const about = async (action: string, input: object): Promise<string> =>
      (await refusal(bench, action, input)).message;

    expect(await about('AddPermission', { FunctionName: 'fn', Qualifier: 'live', ...statement })).toBe(
      `Cannot find alias arn: ${ARN}:live`,
    );
    expect(await about('AddPermission', { FunctionName: 'fn', Qualifier: '42', ...statement })).toBe(
      `Function not found: ${ARN}:42`,
    );
    expect(await about('RemovePermission', { FunctionName: 'none', StatementId: 's' })).toBe(
      'No policy found for: arn:aws:lambda:us-east-1:000000000000:function:none',
    );
    expect(await about('GetPolicy', { FunctionName: 'fn', Qualifier: '77' })).toBe(
      'The resource you requested does not exist.',
    );
  });

  it('about the revision that a first permission of an alias must name: the alias’s', async () => {
    const bench = await withFunction();
    await bench.call('PublishVersion', { FunctionName: 'fn' });
    const { RevisionId } = await bench.call<{ RevisionId: string }>('CreateAlias', {
      FunctionName: 'fn',
      Name: 'live',
      FunctionVersion: '1',
    });

    const added = bench.call('AddPermission', {
      FunctionName: 'fn:live',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      RevisionId,
    });

    await expect(added).resolves.toHaveProperty('Statement');
  });

  it('about tags: of unknown mappings, without keys, and too many at creation', async () => {
    const bench = new LambdaBench();
    const mapping = 'arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-4000-8000-000000000000';

    expect((await refusal(bench, 'ListTags', { Resource: mapping })).message).toBe(
      `Event source mapping not found: ${mapping}`,
    );
    expect((await refusal(bench, 'ListTags', { Resource: `${mapping}:alias` })).code).toBe('ValidationException');
    expect((await refusal(bench, 'UntagResource', { Resource: ARN, TagKeys: [] })).message).toBe(
      "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    );
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`key${at}`, 'value']));
    expect((await refusal(bench, 'CreateFunction', { ...fresh, FunctionName: 'fn', Tags })).message).toBe(
      'Number of tags exceeds resource tag limit.',
    );
  });

  it('about reserved concurrency and event settings of functions that do not exist', async () => {
    const bench = new LambdaBench();

    expect(
      (await refusal(bench, 'PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 1 })).message,
    ).toBe(`Function not found: ${ARN}:$LATEST`);
    expect((await refusal(bench, 'PutFunctionEventInvokeConfig', { FunctionName: 'fn' })).message).toBe(
      'You must specify at least one of error handling or destination setting.',
    );
  });

  it('about aliases: an update has its own words for a missing one, a creation for a missing function', async () => {
    const bench = await withFunction();

    expect((await refusal(bench, 'UpdateAlias', { FunctionName: 'fn', Name: 'live' })).message).toBe(
      `Alias not found: ${ARN}:live`,
    );
    expect(
      (await refusal(bench, 'CreateAlias', { FunctionName: 'none', Name: 'live', FunctionVersion: '1' })).message,
    ).toBe('Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:1');
  });

  it('about an empty dead-letter configuration: it changes nothing, an empty target takes it away', async () => {
    const bench = new LambdaBench();
    const queue = 'arn:aws:sqs:us-east-1:000000000000:dlq';
    await bench.createFunction('fn', undefined, { DeadLetterConfig: { TargetArn: queue } });
    const update = (DeadLetterConfig: object): Promise<object> =>
      bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', DeadLetterConfig });

    expect(await update({})).toMatchObject({ DeadLetterConfig: { TargetArn: queue } });
    expect(await update({ TargetArn: '' })).not.toHaveProperty('DeadLetterConfig');
  });

  it('about wrapper scripts: they are for Python here, and refused by name where they would not run', async () => {
    const bench = new LambdaBench();
    const Environment = { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrap.sh' } };

    await bench.call('CreateFunction', { ...fresh, FunctionName: 'python', Environment });

    const node = { ...fresh, FunctionName: 'node', Runtime: 'nodejs24.x', Environment };
    expect((await refusal(bench, 'CreateFunction', node)).code).toBe('NotSupportedByHoldfast');
  });

  it('about layers: filters and compatibilities must name what exists, empty lists are kept', async () => {
    const bench = new LambdaBench();
    const publish = { LayerName: 'common', Content: fresh.Code };

    expect((await refusal(bench, 'ListLayers', { CompatibleRuntime: 'cobol85' })).message).toMatch(
      /^1 validation error detected: Value 'cobol85' at 'compatibleRuntime' .*\[ruby3\.5, ruby2\.6, /,
    );
    expect(
      (
        await refusal(bench, 'PublishLayerVersion', {
          ...publish,
          CompatibleRuntimes: ['cobol85', 'nodejs24.x'],
          CompatibleArchitectures: ['z80'],
        })
      ).message,
    ).toMatch(/^2 validation errors detected: Value '\[cobol85, nodejs24\.x\]' .*; Value '\[z80\]' at 'compatibleArch/);
    expect(
      await bench.call('PublishLayerVersion', { ...publish, CompatibleRuntimes: [], CompatibleArchitectures: [] }),
    ).toMatchObject({ CompatibleRuntimes: [], CompatibleArchitectures: [] });
  });
});
