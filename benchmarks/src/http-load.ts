import { HttpConnection } from './http-connection.ts';
import { percentile } from './numbers.ts';

/** A request as bytes on the wire, made before the clock starts. */
export const requestBytes = (
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  method = 'POST',
): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('') +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** Headers of an AWS JSON 1.0 call, a signature included, as long as real ones are. */
export const jsonCall = (target: string): Record<string, string> => ({
  'Content-Type': 'application/x-amz-json-1.0',
  'X-Amz-Target': target,
  'X-Amz-Date': '20250101T000000Z',
  Authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
});

/**
 * One piece of work of a connection: the requests it yields, one after the other; it is given their answers. It returns
 * whether it was of use: what was not does not count.
 */
export type WorkUnit = Iterator<Buffer, boolean, string>;

/** The unit that is a single request. */
export function* singleRequest(bytes: Buffer): Generator<Buffer, boolean, string> {
  yield bytes;
  return true;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** No unit begins after so many, or after so long. */
  readonly unitsMax?: number;
  readonly forMs?: number;
  /** How long units that began in time may still take; what is open then is dropped. */
  readonly graceMs?: number;
  readonly unit: (connection: number) => WorkUnit;
}

export interface LoadResult {
  /** Units that were finished and of use. */
  readonly units: number;
  readonly requests: number;
  /** From the first request to the end of the last unit; to the end of all time when there was none. */
  readonly seconds: number;
  /** Units. */
  readonly unitsPerSecond: number;
  /** Requests, also of units that were not of use. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Units that were dropped because they took too long. */
  readonly dropped: number;
}

/** Keeps every connection busy with one unit after the other, and measures. All connections stand before the clock starts. */
export const runLoad = async (options: LoadOptions): Promise<LoadResult> => {
  const { port, unit, unitsMax = Number.POSITIVE_INFINITY, forMs, graceMs } = options;
  const connections = Array.from({ length: options.connections }, () => new HttpConnection(port));
  await Promise.all(connections.map((connection) => connection.open()));

  const latencies: number[] = [];
  let [begun, units, open] = [0, 0, 0];
  const begin = performance.now();
  let lastAnswerAt = begin;
  let lastUnitAt = begin;
  const until = forMs === undefined ? Number.POSITIVE_INFINITY : begin + forMs;

  const runConnection = (connection: HttpConnection, index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let work: WorkUnit | undefined;
      let sentAt = 0;
      const advance = (answer: string): void => {
        let step = work?.next(answer);
        if (step?.done === true) {
          open -= 1;
          if (step.value) {
            units += 1;
            lastUnitAt = lastAnswerAt;
          }
        }
        if (step?.done !== false) {
          if (begun >= unitsMax || lastAnswerAt >= until) {
            resolve();
            return;
          }
          begun += 1;
          open += 1;
          work = unit(index);
          step = work.next('');
        }
        if (step.done === true) throw new Error('a unit of work without a request');
        sentAt = performance.now();
        connection.request(step.value, onAnswer);
      };
      const onAnswer = (answer: string, failure?: Error): void => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        lastAnswerAt = performance.now();
        latencies.push(lastAnswerAt - sentAt);
        advance(answer);
      };
      advance('');
    });

  const { promise: timedOut, resolve: timeOut } = Promise.withResolvers<void>();
  const timer = forMs === undefined || graceMs === undefined ? undefined : setTimeout(timeOut, forMs + graceMs);
  try {
    await Promise.race([timedOut, Promise.all(connections.map(runConnection))]);
  } finally {
    clearTimeout(timer);
    for (const connection of connections) connection.end();
  }
  const requests = latencies.length;
  const seconds = ((units === 0 ? performance.now() : lastUnitAt) - begin) / 1_000;
  return {
    units,
    requests,
    seconds,
    unitsPerSecond: units / seconds,
    perSecond: requests / ((lastAnswerAt - begin) / 1_000),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    dropped: open,
  };
};
