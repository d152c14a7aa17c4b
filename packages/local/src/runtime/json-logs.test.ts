import type { FunctionSpec } from '@holdfast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { TestRuntime } from './test-runtime.ts';

let runtime: TestRuntime;
afterEach(() => runtime.close());

const logsOf = async (spec: Partial<FunctionSpec>, payload: unknown = {}): Promise<Record<string, unknown>[]> => {
  const run = runtime.invoke({ spec, payload });
  await run.outcome;
  return run.logs.map((line) =>
    line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { text: line.trim() },
  );
};

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const SECONDS = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

describe('Node.js functions that log JSON', () => {
  it('write an object for each line, with values and errors as members', async () => {
    runtime = new TestRuntime('live');
    runtime.write(
      'index.mjs',
      `export const handler = async () => {
        console.log('plain');
        console.debug('too much detail');
        console.warn({ orders: [1, 2] });
        console.error('failed:', new TypeError('no product'));
        console.error(new TypeError('no price'));
        console.log('two\\nlines', 3);
        process.stdout.write('raw\\n');
        throw new RangeError('at last');
      };`,
    );

    const head = { timestamp: TIME, requestId: 'request-1' };
    const stackTrace = expect.arrayContaining([expect.stringContaining('    at ')]) as string[];
    expect(await logsOf({ jsonLogLevel: 'INFO' })).toEqual([
      { ...head, level: 'INFO', message: 'plain' },
      { ...head, level: 'WARN', message: { orders: [1, 2] } },
      {
        ...head,
        level: 'ERROR',
        message: expect.stringContaining('failed: TypeError: no product') as string,
        errorType: 'TypeError',
        errorMessage: 'no product',
        stackTrace,
      },
      { ...head, level: 'ERROR', message: { errorType: 'TypeError', errorMessage: 'no price', stackTrace } },
      { ...head, level: 'INFO', message: 'two\nlines 3' },
      { text: 'raw' },
      { ...head, level: 'ERROR', message: { errorType: 'RangeError', errorMessage: 'at last', stackTrace } },
    ]);
  });
});

describe('Python functions that log JSON', () => {
  it('write an object for each record, with extras and exceptions as members', async () => {
    runtime = new TestRuntime('live');
    runtime.write(
      'index.py',
      `
import logging
log = logging.getLogger("orders")
def handler(event, context):
    log.info("plain %s", 1, extra={"sku": "A-1"})
    log.debug("too much detail")
    logging.warning({"orders": [1, 2]})
    try:
        raise KeyError("price")
    except KeyError:
        log.exception("failed")
    print("raw")
    raise ValueError("at last")
`,
    );

    const requestId = 'request-1';
    const spec = { runtime: 'python3.12', handler: 'index.handler', jsonLogLevel: 'INFO' } as const;
    expect(await logsOf(spec)).toEqual([
      { timestamp: SECONDS, level: 'INFO', message: 'plain 1', logger: 'orders', requestId, sku: 'A-1' },
      { timestamp: SECONDS, level: 'WARNING', message: { orders: [1, 2] }, logger: 'root', requestId },
      {
        timestamp: SECONDS,
        level: 'ERROR',
        message: 'failed',
        logger: 'orders',
        stackTrace: [expect.stringContaining('raise KeyError')],
        errorType: 'KeyError',
        errorMessage: "'price'",
        requestId,
        location: expect.stringMatching(/index\.py:handler:11$/) as string,
      },
      { text: 'raw' },
      {
        timestamp: SECONDS,
        level: 'ERROR',
        errorMessage: 'at last',
        errorType: 'ValueError',
        requestId,
        stackTrace: [expect.stringContaining('raise ValueError')],
      },
    ]);
  });
});
