import { connect, type Socket } from 'node:net';

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

export interface LoadResult {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends requests over `connections` sockets, one at a time on each, and measures. `next` gives the bytes of the next
 * request, seeing the body of the answer before it. The smallest client there is, so that the server is what is measured.
 */
export const runLoad = async (options: {
  readonly port: number;
  readonly connections: number;
  readonly count: number;
  readonly next: (connection: number, previousAnswer: string | undefined) => Buffer;
}): Promise<LoadResult> => {
  const { port, connections, count, next } = options;
  let started = 0;
  const latencies: number[] = [];
  const begin = performance.now();

  const runConnection = (connection: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let socket: Socket;
      let buffered: Buffer = Buffer.alloc(0);
      let sentAt = 0;
      const send = (previousAnswer: string | undefined): void => {
        if (started >= count) {
          socket.end();
          resolve();
          return;
        }
        started += 1;
        sentAt = performance.now();
        socket.write(next(connection, previousAnswer));
      };
      const onData = (chunk: Buffer): void => {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
        const headEnd = buffered.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = buffered.toString('latin1', 0, headEnd);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        const end = headEnd + 4 + length;
        if (buffered.length < end) return;
        if (!head.startsWith('HTTP/1.1 2')) {
          reject(new Error(`${head.slice(0, 60)} ${buffered.toString('utf8', headEnd + 4, end)}`));
          return;
        }
        latencies.push(performance.now() - sentAt);
        const answer = buffered.toString('utf8', headEnd + 4, end);
        buffered = Buffer.alloc(0);
        if (/connection: close/i.test(head)) {
          socket.destroy();
          open(answer);
        } else {
          send(answer);
        }
      };
      const open = (previousAnswer: string | undefined): void => {
        socket = connect({ port, host: '127.0.0.1', noDelay: true });
        socket.on('connect', () => send(previousAnswer));
        socket.on('error', reject);
        socket.on('data', onData);
      };
      open(undefined);
    });

  await Promise.all(Array.from({ length: connections }, (_, connection) => runConnection(connection)));
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { count, seconds, perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
};
