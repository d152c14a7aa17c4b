import {
  NETWORK_ERROR_CODES,
  PERMANENT_PLATFORM_ERROR_TYPES,
  THROTTLING_ERROR_NAMES,
  TRANSIENT_ERROR_NAMES,
  TRANSIENT_PLATFORM_ERROR_TYPES,
} from './error-codes.ts';

/**
 * What to do about an error.
 *
 * - `throttled`: not served, wait and come again; says nothing about the event.
 * - `transient`: goes away by itself; a bounded number of retries.
 * - `permanent`: the same again and again; a retry only costs.
 * - `unknown`: no one said; retry like `transient`, with the bound that makes it safe.
 */
export type ErrorClass = 'throttled' | 'transient' | 'permanent' | 'unknown';

/** Error names of one's own, by class. They win over everything built in. */
export interface KnownErrorTypes {
  readonly throttled?: readonly string[];
  readonly transient?: readonly string[];
  readonly permanent?: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const textMember = (value: Record<string, unknown>, member: string): string | undefined =>
  typeof value[member] === 'string' ? value[member] : undefined;

const classOfKnownName = (name: string, known: KnownErrorTypes): ErrorClass | undefined => {
  if (known.permanent?.includes(name)) return 'permanent';
  if (known.throttled?.includes(name)) return 'throttled';
  if (known.transient?.includes(name)) return 'transient';
  if (THROTTLING_ERROR_NAMES.has(name)) return 'throttled';
  if (TRANSIENT_ERROR_NAMES.has(name)) return 'transient';
  return undefined;
};

const classOfHttpStatus = (status: number): ErrorClass | undefined => {
  if (status === 429) return 'throttled';
  if (status === 408 || status === 425) return 'transient';
  if (status >= 500) return 'transient';
  if (status >= 400) return 'permanent';
  return undefined;
};

/** Longest chain of `cause` that is followed; longer ones are loops or not worth reading. */
const CAUSE_DEPTH_MAX = 8;

const classifyOne = (error: Record<string, unknown>, known: KnownErrorTypes): ErrorClass | undefined => {
  const name = textMember(error, 'name');
  const byName = name === undefined ? undefined : classOfKnownName(name, known);
  if (byName !== undefined) return byName;

  const code = textMember(error, 'code');
  if (code !== undefined && NETWORK_ERROR_CODES.has(code)) return 'transient';

  const retryable = error['$retryable'];
  if (isRecord(retryable)) return retryable['throttling'] === true ? 'throttled' : 'transient';

  const metadata = error['$metadata'];
  const status = isRecord(metadata) ? metadata['httpStatusCode'] : undefined;
  return typeof status === 'number' ? classOfHttpStatus(status) : undefined;
};

/**
 * Classifies what a call threw: errors of the AWS SDK for JavaScript v3 (`name`, `$retryable`,
 * `$metadata.httpStatusCode`), of Node's network (`code`), and what they were caused by.
 *
 * Only types and codes count. Messages are for people: they change, they are translated, and a file may be called
 * `429.csv`.
 */
export const classifyError = (error: unknown, known: KnownErrorTypes = {}): ErrorClass => {
  let current: unknown = error;
  for (let depth = 0; depth < CAUSE_DEPTH_MAX && isRecord(current); depth++) {
    const found = classifyOne(current, known);
    if (found !== undefined) return found;
    current = current['cause'];
  }
  return 'unknown';
};

/**
 * Classifies the payload of an invocation that was answered with `FunctionError`, by its `errorType` alone.
 *
 * The name of an AWS error that a handler let through counts as what it is: a function whose table throttles is
 * throttled. Payloads without `errorType` (older time-outs have none) are `unknown`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export const classifyFunctionError = (payload: unknown, known: KnownErrorTypes = {}): ErrorClass => {
  const type = isRecord(payload) ? textMember(payload, 'errorType') : undefined;
  if (type === undefined) return 'unknown';
  const byName = classOfKnownName(type, known);
  if (byName !== undefined) return byName;
  if (TRANSIENT_PLATFORM_ERROR_TYPES.has(type)) return 'transient';
  if (PERMANENT_PLATFORM_ERROR_TYPES.has(type)) return 'permanent';
  return 'unknown';
};
