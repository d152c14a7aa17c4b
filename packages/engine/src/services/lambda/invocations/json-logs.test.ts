import { describe, expect, it } from 'vitest';
import { type Behaviour, LambdaBench } from '../lambda-bench.ts';

const NOT_WITH_TEXT =
  'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.';

const loggingAfter = async (bench: LambdaBench, LoggingConfig: object): Promise<unknown> => {
  const answer = await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', LoggingConfig });
  return answer['LoggingConfig'];
};

describe('the logging configuration of a function', () => {
  it('has levels with JSON, keeps what is not mentioned, and loses them with text', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    const LogGroup = '/aws/lambda/fn';

    expect(await loggingAfter(bench, { LogFormat: 'JSON', SystemLogLevel: 'DEBUG' })).toEqual({
      LogFormat: 'JSON',
      ApplicationLogLevel: 'INFO',
      SystemLogLevel: 'DEBUG',
      LogGroup,
    });
    expect(await loggingAfter(bench, { ApplicationLogLevel: 'WARN', LogGroup: 'shared' })).toEqual({
      LogFormat: 'JSON',
      ApplicationLogLevel: 'WARN',
      SystemLogLevel: 'DEBUG',
      LogGroup: 'shared',
    });
    expect(await loggingAfter(bench, { LogFormat: 'Text' })).toEqual({ LogFormat: 'Text', LogGroup: 'shared' });
  });

  it.each([
    [{ LogFormat: 'Text', SystemLogLevel: 'INFO' }, NOT_WITH_TEXT],
    [{ ApplicationLogLevel: 'DEBUG' }, NOT_WITH_TEXT],
    [
      { LogFormat: 'XML' },
      "1 validation error detected: Value 'XML' at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: [JSON, Text]",
    ],
  ])('is refused when it cannot be: %j', async (LoggingConfig, text) => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    await expect(loggingAfter(bench, LoggingConfig)).rejects.toThrow(text);
  });
});

/** What is in the log after one cold run, and the tail that the caller got. */
const logOf = async (
  levels: object,
  behaviour: ReturnType<Behaviour>,
): Promise<{ events: Record<string, unknown>[]; group: string | undefined; tail: string }> => {
  const bench = new LambdaBench({ start: Date.UTC(2025, 0, 1) });
  const LoggingConfig = { LogFormat: 'JSON', LogGroup: 'shared', ...levels };
  await bench.createFunction('fn', () => ({ coldStart: true, initDurationMs: 120.5, ...behaviour }), { LoggingConfig });
  const answer = bench.call<{ LogResult: string }>('Invoke', { FunctionName: 'fn', LogType: 'Tail' });
  await bench.advance(10_000);
  return {
    events: bench.logs.map(({ message }) => {
      expect(message.endsWith('\n')).toBe(true);
      return message.startsWith('{') ? (JSON.parse(message) as Record<string, unknown>) : { text: message.trim() };
    }),
    group: bench.logs[0]?.group,
    tail: Buffer.from((await answer).LogResult, 'base64').toString(),
  };
};

const typesOf = (events: Record<string, unknown>[]): unknown[] =>
  events.map((event) => event['type'] ?? event['level'] ?? event['text']);

describe('a function that logs JSON', () => {
  it('has the start of its environment, its own start and its report in the log, as objects', async () => {
    const { events, group, tail } = await logOf({}, { durationMs: 12, lines: ['{"level":"INFO","message":"hello"}'] });

    expect(group).toBe('shared');
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(events).toEqual([
      {
        time: '2025-01-01T00:00:00.000Z',
        type: 'platform.initStart',
        record: {
          initializationType: 'on-demand',
          phase: 'init',
          runtimeVersion: expect.stringContaining('nodejs:24') as string,
          runtimeVersionArn: expect.stringContaining('runtime:') as string,
          functionName: 'fn',
          functionVersion: '$LATEST',
        },
      },
      {
        time: '2025-01-01T00:00:00.000Z',
        type: 'platform.start',
        record: { requestId, functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn', version: '$LATEST' },
      },
      { level: 'INFO', message: 'hello' },
      {
        time: '2025-01-01T00:00:00.012Z',
        type: 'platform.report',
        record: {
          requestId,
          metrics: {
            durationMs: 12,
            billedDurationMs: 12,
            memorySizeMB: 128,
            maxMemoryUsedMB: 64,
            initDurationMs: 120.5,
          },
          status: 'success',
        },
      },
    ]);
    expect(tail).toContain('platform.report');
    expect(tail).not.toContain('initStart');
  });

  it('says more of the platform at level DEBUG and less at WARN', async () => {
    const all = [
      'platform.initStart',
      'platform.start',
      'platform.initReport',
      'platform.runtimeDone',
      'platform.report',
    ];
    expect(typesOf((await logOf({ SystemLogLevel: 'DEBUG' }, {})).events)).toEqual(all);
    expect(typesOf((await logOf({ SystemLogLevel: 'WARN' }, {})).events)).toEqual([]);
    const error = { errorType: 'Sandbox.Timedout', errorMessage: 'late' };
    const { events } = await logOf({ SystemLogLevel: 'WARN' }, { kind: 'timeout', error });
    expect(events).toMatchObject([
      { type: 'platform.runtimeDone', record: { status: 'timeout' } },
      { type: 'platform.report', record: { status: 'timeout' } },
    ]);
  });

  it.each([
    ['TRACE', ['TRACE', 'DEBUG', 'no level', 'warn', 'FATAL']],
    ['DEBUG', ['DEBUG', 'no level', 'warn', 'FATAL']],
    ['INFO', ['no level', 'warn', 'FATAL']],
    ['WARN', ['warn', 'FATAL']],
    ['FATAL', ['FATAL']],
  ])('keeps application lines from level %s on', async (ApplicationLogLevel, kept) => {
    const lines = ['TRACE', 'DEBUG', 'no level', 'warn', 'FATAL'].map((level) =>
      level === 'no level' ? level : JSON.stringify({ level, message: 'x' }),
    );
    const { events } = await logOf({ ApplicationLogLevel, SystemLogLevel: 'WARN' }, { lines });

    expect(typesOf(events)).toEqual(kept);
  });
});
