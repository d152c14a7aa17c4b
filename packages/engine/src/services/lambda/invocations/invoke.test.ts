import { describe, expect, it } from 'vitest';
import { type Behaviour, LambdaBench, throws } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Answer {
  StatusCode: number;
  Payload?: Uint8Array;
  FunctionError?: string;
  ExecutedVersion?: string;
  LogResult?: string;
}

const text = (answer: Answer): string => new TextDecoder().decode(answer.Payload);

const invoke = async (bench: LambdaBench, input: object = {}): Promise<Answer> => {
  const pending = bench.call<Answer>('Invoke', { FunctionName: 'fn', ...input });
  pending.catch(() => {});
  await bench.advance(1_000);
  return pending;
};

const failure = async (promise: Promise<unknown>): Promise<Record<string, unknown>> => {
  try {
    await promise;
  } catch (error) {
    const { code, status, message, members } = error as Record<string, unknown>;
    return { code, status, message, members };
  }
  throw new Error('was not refused');
};

describe('a synchronous invocation', () => {
  it('waits for the result', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', ({ payload }) => ({ result: { got: JSON.parse(payload) as unknown } }));

    const answer = await invoke(bench, { Payload: bytes('{"a":1}') });

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer).not.toHaveProperty('FunctionError');
    expect(text(answer)).toBe('{"got":{"a":1}}');
  });

  it('answers null when the handler returns nothing and passes {} when nothing is sent', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    const answer = await invoke(bench);

    expect(text(answer)).toBe('null');
    expect(bench.invocations[0]?.payload).toBe('{}');
  });

  it('answers 200 with the error as payload when the function fails', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', throws);

    const answer = await invoke(bench);

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text(answer))).toMatchObject({ errorType: 'Error', errorMessage: 'no such product' });
    expect([bench.total('Invocations'), bench.total('Errors')]).toEqual([1, 1]);
  });

  it('turns a response that is too large into an error', async () => {
    const bench = new LambdaBench();
    let size = 6_291_556;
    await bench.createFunction('fn', () => ({ text: `"${'x'.repeat(size - 2)}"` }));

    const fits = await invoke(bench);
    size += 1;
    const answer = await invoke(bench);

    expect(fits).not.toHaveProperty('FunctionError');
    expect(answer.FunctionError).toBe('Unhandled');
    expect(JSON.parse(text(answer))).toEqual({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  it('passes client context and trace on', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    const traceHeader = 'Root=1-00000001-000000000000000000000001;Parent=0000000000000001;Sampled=1';

    void bench.call(
      'Invoke',
      { FunctionName: 'fn', ClientContext: Buffer.from('{"custom":{}}').toString('base64') },
      { traceHeader },
    );
    void bench.call('Invoke', { FunctionName: 'fn' });

    expect(bench.invocations[0]?.clientContext).toBe('{"custom":{}}');
    expect(bench.invocations[0]?.traceHeader).toMatch(`${traceHeader};Lineage=`);
    expect(bench.invocations[1]?.traceHeader).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:1$/,
    );
  });

  it('gets the last 4 KB of the log when it asks for the tail', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', () => ({ lines: ['hello', 'x'.repeat(5_000)] }));

    const tail = Buffer.from((await invoke(bench, { LogType: 'Tail' })).LogResult ?? '', 'base64');

    expect(tail).toHaveLength(4_096);
    expect(tail.toString()).toMatch(/x\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
  });

  it('only checks when it is a dry run', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await invoke(bench, { InvocationType: 'DryRun' })).toEqual({ StatusCode: 204 });
    expect(bench.invocations).toHaveLength(0);
  });
});

describe('an invocation is refused', () => {
  it.each<[string, object, object]>([
    [
      'for an unknown function',
      { FunctionName: 'nope' },
      {
        status: 404,
        code: 'ResourceNotFoundException',
        members: { Type: 'User', Message: `Function not found: ${ARN.replace(/fn$/, 'nope')}:$LATEST` },
      },
    ],
    [
      'for an unknown qualifier',
      { Qualifier: 'live' },
      { status: 404, members: { Type: 'User', Message: `Function not found: ${ARN}:live` } },
    ],
    [
      'for an unknown function with $LATEST',
      { FunctionName: 'nope:$LATEST' },
      { members: { Type: 'User', Message: `Function not found: ${ARN.replace(/fn$/, 'nope')}:$LATEST` } },
    ],
    [
      'in another region',
      { FunctionName: ARN.replace('us-east-1', 'eu-west-1') },
      {
        status: 404,
        code: 'ResourceNotFoundException',
        message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
      },
    ],
    [
      'with two qualifiers',
      { FunctionName: 'fn:a', Qualifier: 'b' },
      {
        status: 400,
        code: 'InvalidParameterValueException',
        message: 'The derived qualifier from the function name does not match the specified qualifier.',
      },
    ],
    [
      'with a payload that is not JSON',
      { Payload: bytes('invalid') },
      {
        status: 400,
        code: 'InvalidRequestContentException',
        message:
          "Could not parse request body into json: Could not parse payload into json: Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]",
      },
    ],
    [
      'with what an AWS CLI makes of JSON that it takes for Base64',
      { Payload: Uint8Array.of(0x99, 0xeb, 0x2c) },
      {
        code: 'InvalidRequestContentException',
        message: expect.stringMatching(/json: Unexpected character \(\(CTRL-CHAR, code 153\)\): .*\n.* column: 1\]$/),
      },
    ],
    [
      'with other text that is not UTF-8',
      { Payload: Uint8Array.of(0x6e, 0x87, 0x72) },
      {
        code: 'InvalidRequestContentException',
        message: expect.stringMatching(/json: Invalid UTF-8 start byte 0x87\n.* column: 3\]$/),
      },
    ],
    [
      'with an event over 1 MB',
      { InvocationType: 'Event', Payload: new Uint8Array(1_048_577) },
      {
        status: 413,
        code: 'RequestEntityTooLargeException',
        message: '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      },
    ],
    [
      'with a request over 6 MB',
      { Payload: new Uint8Array(6_291_457) },
      {
        status: 413,
        message: '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
      },
    ],
    [
      'with a bad name',
      { FunctionName: 'a b' },
      {
        status: 400,
        code: 'ValidationException',
        message: expect.stringMatching(
          /^1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
        ),
      },
    ],
  ])('%s', async (_name, input, expected) => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    expect(await failure(bench.call('Invoke', { FunctionName: 'fn', ...input }))).toMatchObject(expected);
  });

  it('when its reserved places are taken, and nobody else when only those are', async () => {
    const bench = new LambdaBench();
    const long: Behaviour = () => ({ durationMs: 60_000 });
    await bench.createFunction('fn', long);
    await bench.createFunction('other', long);
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 1 });
    void bench.call('Invoke', { FunctionName: 'fn' });

    expect(await failure(bench.call('Invoke', { FunctionName: 'fn' }))).toEqual({
      code: 'TooManyRequestsException',
      status: 429,
      message: 'Rate Exceeded.',
      members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type: 'User' },
    });
    void bench.call('Invoke', { FunctionName: 'other' });
    expect(bench.invocations).toHaveLength(2);
    expect([bench.total('Throttles'), bench.total('Invocations')]).toEqual([1, 2]);
  });

  it('when the unreserved places of the account are taken', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 103 } });
    await bench.createFunction('fn', () => ({ durationMs: 60_000 }));
    await bench.createFunction('reserved');
    await bench.call('PutFunctionConcurrency', { FunctionName: 'reserved', ReservedConcurrentExecutions: 3 });
    for (let n = 0; n < 100; n++) void bench.call('Invoke', { FunctionName: 'fn' });

    expect(await failure(bench.call('Invoke', { FunctionName: 'fn' }))).toMatchObject({
      members: { Reason: 'ConcurrentInvocationLimitExceeded' },
    });
    await bench.advance(60_000);
    expect(await invoke(bench, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    void bench.call('Invoke', { FunctionName: 'fn' });
    expect(bench.invocations).toHaveLength(101);
  });
});

describe('what a run leaves behind', () => {
  it('is START, the lines, END and REPORT in its log stream, and INIT_START on a cold start', async () => {
    const bench = new LambdaBench();
    let coldStart = true;
    await bench.createFunction(
      'fn',
      () => ({ coldStart, lines: ['one'], durationMs: 7, ...(coldStart ? { initDurationMs: 110.1 } : {}) }),
      { Runtime: 'nodejs22.x' },
    );
    const requestId = '11111111-1111-4111-8111-111111111111';

    void bench.call('Invoke', { FunctionName: 'fn' }, { requestId });
    await bench.advance(10);
    coldStart = false;
    void bench.call('Invoke', { FunctionName: 'fn' }, { requestId });
    await bench.advance(10);

    expect(bench.logs.every((line) => line.group === '/aws/lambda/fn' && line.stream === 'stream')).toBe(true);
    const report = `REPORT RequestId: ${requestId}\tDuration: 7.00 ms\tBilled Duration: 7 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t`;
    expect(bench.logs.map((line) => line.message)).toEqual([
      expect.stringMatching(
        /^INIT_START Runtime Version: nodejs:22\.v10\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n$/,
      ),
      `START RequestId: ${requestId} Version: $LATEST\n`,
      'one\n',
      `END RequestId: ${requestId}\n`,
      `${report}Init Duration: 110.10 ms\t\n`,
      `START RequestId: ${requestId} Version: $LATEST\n`,
      'one\n',
      `END RequestId: ${requestId}\n`,
      `${report}\n`,
    ]);
  });

  it('is shown to the caller without the start of the environment', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', () => ({ coldStart: true }));

    const { LogResult = '' } = await invoke(bench, { LogType: 'Tail' });

    expect(bench.logs[0]?.message).toMatch(/^INIT_START /);
    expect(Buffer.from(LogResult, 'base64').toString()).toMatch(/^START RequestId: /);
  });

  it('says how the platform ended it', async () => {
    const bench = new LambdaBench({ start: Date.UTC(2025, 0, 1) });
    await bench.createFunction('fn', () => ({
      kind: 'timeout',
      durationMs: 3_000,
      error: { errorType: 'Sandbox.Timedout', errorMessage: 'x' },
    }));
    const requestId = '11111111-1111-4111-8111-111111111111';

    void bench.call('Invoke', { FunctionName: 'fn' }, { requestId });
    await bench.advance(3_000);

    expect(bench.logs[1]?.message).toBe(`2025-01-01T00:00:03.000Z ${requestId} Task timed out after 3.00 seconds\n\n`);
    expect(bench.logs.at(-1)?.message).toMatch(/\tStatus: timeout\n$/);
  });

  it('goes to the log group of the configuration', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { LoggingConfig: { LogFormat: 'Text', LogGroup: '/shared' } });

    await invoke(bench);

    expect(new Set(bench.logs.map((line) => line.group))).toEqual(new Set(['/shared']));
  });

  it('is counted without dimensions, by function, and by function and resource', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Publish: true });

    await invoke(bench, { Qualifier: '1' });

    const dimensions = (name: string): unknown[] =>
      bench.points.filter((point) => point.name === name).map((point) => point.dimensions);
    const sets = [undefined, { FunctionName: 'fn' }, { FunctionName: 'fn', Resource: 'fn:1' }];
    for (const name of ['Invocations', 'Errors', 'Duration']) expect(dimensions(name)).toEqual(sets);
    expect(dimensions('ConcurrentExecutions')).toEqual([sets[1], sets[2], undefined]);
    expect(bench.points.every((point) => point.namespace === 'AWS/Lambda')).toBe(true);
  });
});
