import { expect, it } from 'vitest';
import { reasonOfLine, reasonOfPayload } from './reason.ts';

const RUN = '2026-01-01T00:00:00.000Z\t7ead8970-25cb-4f16-b4e6-0481755e1232';

const ERROR = {
  errorType: 'TypeError',
  errorMessage: 'no total',
  stack: ['TypeError: no total', '    at total (a.mjs:1:1)'],
};

it.each([
  [`${RUN}\tERROR\tInvoke Error \t${JSON.stringify(ERROR)}`, 'TypeError: no total'],
  [`${RUN}\tERROR\tmessage m1 failed: Error: away\n`, 'message m1 failed: Error: away'],
  [
    '2026-01-01T00:00:00.000Z 7ead8970-25cb-4f16-b4e6-0481755e1232 Task timed out after 1.00 seconds',
    'Task timed out after 1.00 seconds',
  ],
  ['[ERROR]\t2026-01-01T00:00:00.000Z\t7ead8970-25cb-4f16-b4e6-0481755e1232\tm1 failed', 'm1 failed'],
  ['{"level":"ERROR","message":"m1 is an error","requestId":"r"}', 'm1 is an error'],
  [`{"timestamp":"t","level":"ERROR","message":${JSON.stringify(ERROR)},"requestId":"r"}`, 'TypeError: no total'],
  [`${RUN}\tINFO\tgot {"note":"an error of yesterday"}`, undefined],
  ['{"level":"INFO","message":"no error"}', undefined],
  ['REPORT RequestId: 7ead8970-25cb-4f16-b4e6-0481755e1232\tStatus: error\tError Type: Runtime.ExitError', undefined],
  [`${RUN}\tWARN\tslow`, undefined],
])('reads the error of %j', (line, error) => {
  expect(reasonOfLine(line)?.error).toBe(error);
});

it('reads what a function answers, and what its caller put into an error of its own', () => {
  expect(reasonOfPayload(JSON.stringify(ERROR))).toEqual({
    error: 'TypeError: no total',
    stack: ERROR.stack.join('\n'),
  });
  const passedOn = { errorType: 'Unhandled', errorMessage: JSON.stringify(ERROR) };
  expect(reasonOfPayload(JSON.stringify(passedOn))?.error).toBe('TypeError: no total');
  for (const none of ['', 'null', '[]', '{}', '{"errorType":5}', 'no JSON'])
    expect(reasonOfPayload(none)).toBeUndefined();
});
