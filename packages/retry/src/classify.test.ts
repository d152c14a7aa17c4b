import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyError, classifyFunctionError } from './classify.ts';

/** As the SDK for JavaScript v3 throws. */
const sdkError = (name: string, httpStatusCode: number, more: object = {}) =>
  Object.assign(new Error('some text'), { name, $fault: 'client', $metadata: { httpStatusCode }, ...more });

describe('classifyError', () => {
  it.each([
    ['TooManyRequestsException', 429, 'throttled'],
    ['ProvisionedThroughputExceededException', 400, 'throttled'],
    ['ThrottlingException', 400, 'throttled'],
    ['SlowDown', 503, 'throttled'],
    ['EC2ThrottledException', 502, 'throttled'],
    ['SomethingNew', 429, 'throttled'],
    ['ServiceException', 500, 'transient'],
    ['EFSIOException', 503, 'transient'],
    ['ResourceConflictException', 409, 'transient'],
    ['ResourceNotFoundException', 404, 'permanent'],
    ['AccessDeniedException', 403, 'permanent'],
    ['ValidationException', 400, 'permanent'],
  ] as const)('takes %s with status %i for %s', (name, status, expected) => {
    expect(classifyError(sdkError(name, status))).toBe(expected);
  });

  it('follows the hint that the service model gives', () => {
    expect(classifyError(sdkError('OddException', 400, { $retryable: {} }))).toBe('transient');
    expect(classifyError(sdkError('OddException', 400, { $retryable: { throttling: true } }))).toBe('throttled');
  });

  it.each(['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes the network error %s for transient',
    (code) => {
      expect(classifyError(Object.assign(new Error('x'), { code }))).toBe('transient');
    },
  );

  it('looks at what an error was caused by', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNRESET' });

    expect(classifyError(new Error('fetch failed', { cause }))).toBe('transient');
  });

  it('ends on an error that is its own cause', () => {
    const error = new Error('x');
    error.cause = error;

    expect(classifyError(error)).toBe('unknown');
  });

  it('never looks at the message', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.constantFrom('Rate exceeded', '429', 'Throttling', 'TooManyRequestsException', 'ECONNRESET'),
        ),
        (message) => {
          expect(classifyError(new Error(message))).toBe('unknown');
          expect(classifyFunctionError({ errorType: 'DrillError', errorMessage: message })).toBe('unknown');
        },
      ),
    );
  });

  it.each([undefined, null, 'Throttling', 429, {}, [], () => 1])('takes %s for unknown', (thrown) => {
    expect(classifyError(thrown)).toBe('unknown');
  });

  it('lets one’s own names win over the built-in ones', () => {
    expect(classifyError(sdkError('ServiceException', 500), { permanent: ['ServiceException'] })).toBe('permanent');
  });
});

describe('classifyFunctionError', () => {
  it.each([
    ['Sandbox.Timedout', 'transient'],
    ['Runtime.ExitError', 'transient'],
    ['Runtime.ImportModuleError', 'transient'],
    ['Function.ResponseSizeTooLarge', 'permanent'],
    ['ProvisionedThroughputExceededException', 'throttled'],
    ['DrillError', 'unknown'],
    ['TypeError', 'unknown'],
  ] as const)('takes errorType %s for %s', (errorType, expected) => {
    expect(classifyFunctionError({ errorType, errorMessage: 'x' })).toBe(expected);
  });

  it('takes a payload without errorType for unknown, as older time-outs have it', () => {
    expect(classifyFunctionError({ errorMessage: 'Task timed out after 1.00 seconds' })).toBe('unknown');
    expect(classifyFunctionError(null)).toBe('unknown');
    expect(classifyFunctionError('Sandbox.Timedout')).toBe('unknown');
  });

  it('knows the types it is told', () => {
    const known = {
      permanent: ['MalformedEventError'],
      throttled: ['UploadInProgressError'],
      transient: ['LeaseLost'],
    };

    expect(classifyFunctionError({ errorType: 'MalformedEventError' }, known)).toBe('permanent');
    expect(classifyFunctionError({ errorType: 'UploadInProgressError' }, known)).toBe('throttled');
    expect(classifyFunctionError({ errorType: 'LeaseLost' }, known)).toBe('transient');
  });
});
