/** Why an event failed, where the message does not say. */
export interface Reason {
  /** Where nobody says: where to look. */
  readonly error: string;
  readonly stack?: string;
  /** The function that failed, where the message leaves it open. */
  readonly functionName?: string;
  /** Of the runs that failed with it, as far as they are known. */
  readonly requestIds?: readonly string[];
}

type Known = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const parse = (text: string): Known | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Known) : undefined;
  } catch {
    return undefined;
  }
};

/** An error as runtimes of functions write it: `{"errorType":"E","errorMessage":"…","trace":["…"]}`. */
const reasonOfError = ({ errorType, errorMessage, stack, stackTrace, trace }: Known): Reason | undefined => {
  // Whoever calls a function and passes its error on puts the one into the other.
  const inner = reasonOfPayload(textOf(errorMessage) ?? '');
  if (inner !== undefined) return inner;
  const parts = [textOf(errorType), textOf(errorMessage)].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const lines = stack ?? stackTrace ?? trace;
  const kept = Array.isArray(lines) ? lines.filter((line) => typeof line === 'string').join('\n') : textOf(lines);
  return { error: parts.join(': '), ...(kept === undefined || kept === '' ? {} : { stack: kept }) };
};

/** Of what a function answers when it fails; `undefined` for other texts. */
export const reasonOfPayload = (text: string): Reason | undefined => {
  const error = parse(text);
  return error === undefined ? undefined : reasonOfError(error);
};

const ERROR_LINE = /error|exception|timed out/i;

/** Written by the platform about each run, and what a function tells of itself when nothing is wrong. */
const NO_ERROR = /^(?:START|END|REPORT|INIT_START) |^\S+Z\t[0-9a-f-]{36}\t(?:INFO|DEBUG|TRACE)\t|^\[(?:INFO|DEBUG)\]/;
const NO_ERROR_LEVEL = /^(?:INFO|DEBUG|TRACE)$/i;

/** Time, request id and level, as the runtimes put them in front of a line. */
const PREFIX = /^(?:\[[A-Z]+\]\t?)?\s*\S+Z\s+[0-9a-f-]{36}\s+(?:[A-Z]+\t)?/;

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** What a line of a function's log says of an error; `undefined` for lines about something else. */
export const reasonOfLine = (line: string): Reason | undefined => {
  if (!ERROR_LINE.test(line) || NO_ERROR.test(line)) return undefined;
  const record = line.startsWith('{') ? parse(line) : undefined;
  if (record !== undefined) {
    const { level, message, error } = record;
    if (NO_ERROR_LEVEL.test(String(level))) return undefined;
    const inner = [message, error, record].find((each) => typeof each === 'object' && each !== null);
    const said = reasonOfError((inner ?? record) as Known);
    return said ?? { error: oneLine(textOf(message) ?? line) };
  }
  const text = line.trim().replace(PREFIX, '');
  const [, json] = /^(?:Invoke|Uncaught Exception|Unhandled Promise Rejection)[\w ]*\s+(\{.*\})$/s.exec(text) ?? [];
  return (json === undefined ? undefined : reasonOfPayload(json)) ?? { error: oneLine(text) };
};
