import { base64OfBytes, utf8Bytes } from '@holdfast/kernel';
import type { FailedInitialisation, FunctionSpec, RuntimeOutcome } from '../../../core/index.ts';
import { runtimeVersionArn, runtimeVersionName } from '../functions/runtime-version.ts';

/** Tail of the log that a synchronous caller may ask for. */
export const LOG_TAIL_BYTES = 4_096;

/** What log lines need to know about a run. */
export interface Run {
  readonly requestId: string;
  readonly spec: FunctionSpec;
  /** As the caller qualified it. */
  readonly invokedFunctionArn: string;
}

/** Writes the lines of one run in the format of its function; each ends with a line break. */
export interface LogLines {
  /** Of the environment, not of the run. */
  initStart(at: number): string[];
  /** The end of an environment that failed before any run. */
  initFailed(at: number, failure: FailedInitialisation): string[];
  start(at: number): string[];
  /** What is kept of a line that the function wrote. */
  application(line: string): string[];
  closing(at: number, outcome: RuntimeOutcome): string[];
}

/** Lines as plain text, the default. */
export const textLogLines = ({ requestId, spec }: Run): LogLines => ({
  initStart: () => [initStartLine(spec.region, spec.runtime)],
  initFailed: (_, { durationMs, status, errorType }) => {
    const type = errorType === undefined ? '' : `\tError Type: ${errorType}`;
    return [`INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: init\tStatus: ${status}${type}\n`];
  },
  start: () => [startLine(requestId, spec.version)],
  application: (line) => [line],
  closing: (at, outcome) => closingLines(requestId, at, spec, outcome),
});

const initStartLine = (region: string, runtime: string): string =>
  `INIT_START Runtime Version: ${runtimeVersionName(runtime)}\tRuntime Version ARN: ${runtimeVersionArn(region, runtime)}\n`;

const startLine = (requestId: string, version: string): string => `START RequestId: ${requestId} Version: ${version}\n`;

const errorMessageOf = (payload: string): string => {
  try {
    const parsed: unknown = JSON.parse(payload);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) return String(parsed.errorMessage);
  } catch {
    // Not JSON: there is no message to show.
  }
  return '';
};

/** What Lambda itself writes about an invocation that the platform ended. */
const platformLines = (requestId: string, at: number, timeoutSeconds: number, outcome: RuntimeOutcome): string[] => {
  switch (outcome.kind) {
    case 'timeout':
      return [
        `${new Date(at).toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds\n\n`,
      ];
    case 'exit':
      return [`${errorMessageOf(outcome.payload)}\n${outcome.errorType ?? 'Runtime.ExitError'}\n`];
    case 'success':
    case 'error':
    case 'init-error':
      return [];
  }
};

const statusOf = (outcome: RuntimeOutcome): string => {
  switch (outcome.kind) {
    case 'timeout':
      return 'Status: timeout';
    case 'exit':
    case 'init-error':
      return `Status: error\tError Type: ${outcome.errorType ?? 'Runtime.Unknown'}`;
    case 'success':
    case 'error':
      return '';
  }
};

/**
 * END and REPORT, and before them what the platform has to say about a timeout or an exit.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html (REPORT line data fields)
 */
const closingLines = (
  requestId: string,
  at: number,
  spec: { readonly timeoutSeconds: number; readonly memoryMb: number },
  outcome: RuntimeOutcome,
): string[] => {
  const init = outcome.initDurationMs === undefined ? '' : `Init Duration: ${outcome.initDurationMs.toFixed(2)} ms\t`;
  const report = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${outcome.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(outcome.durationMs)} ms`,
    `Memory Size: ${spec.memoryMb} MB`,
    `Max Memory Used: ${outcome.maxMemoryUsedMb} MB`,
    `${init}${statusOf(outcome)}`,
  ].join('\t');
  return [
    ...platformLines(requestId, at, spec.timeoutSeconds, outcome),
    `END RequestId: ${requestId}\n`,
    `${report}\n`,
  ];
};

/** Keeps the last {@link LOG_TAIL_BYTES} of what is written. */
export class LogTail {
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > 4 * LOG_TAIL_BYTES) this.#text = this.#text.slice(-2 * LOG_TAIL_BYTES);
  }

  toBase64(): string {
    return base64OfBytes(utf8Bytes(this.#text).subarray(-LOG_TAIL_BYTES));
  }
}
