/** The load generator, in a process of its own; see load.ts. */
import { connect, type Socket } from 'node:net';
import { runLoad } from '../src/http-load.ts';
import { callBytes, callsOf, type Target } from './calls.ts';
import type { LoadOrder } from './load.ts';

/** A connection that answers one call after another. */
class Caller {
  readonly #port: number;
  #socket: Socket | undefined;
  #buffered = '';
  #resolve: (() => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk) => {
      this.#buffered += chunk.toString('latin1');
      const headEnd = this.#buffered.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(this.#buffered)?.[1] ?? 0);
      if (this.#buffered.length < headEnd + 4 + length) return;
      if (/connection: close/i.test(this.#buffered.slice(0, headEnd))) this.end();
      this.#resolve?.();
    });
    return socket;
  }

  /** The whole answer, head and body. */
  async call(bytes: Buffer): Promise<string> {
    const answered = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    this.#buffered = '';
    this.#socket ??= this.#connect();
    this.#socket.write(bytes);
    await answered;
    return this.#buffered;
  }

  end(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

/** Milliseconds from sending a message to the answer of the receive that waited for it. */
const wakeUps = async (target: Target, count: number): Promise<number[]> => {
  const { queueUrl: QueueUrl } = target;
  const [receiver, sender] = [new Caller(target.port), new Caller(target.port)];
  const wait = callBytes(target, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  const send = callBytes(target, 'SendMessage', { QueueUrl, MessageBody: 'x'.repeat(256) });
  const latencies: number[] = [];
  for (let round = 0; round < count; round++) {
    let arrivedAt = 0;
    const received = receiver.call(wait).then((answer) => {
      arrivedAt = performance.now();
      return answer;
    });
    // Long enough that the receive is parked, whatever the server.
    await new Promise((resolve) => setTimeout(resolve, 3));
    const sentAt = performance.now();
    await sender.call(send);
    const handle = /"ReceiptHandle":\s*("[^"]+")/.exec(await received)?.[1];
    latencies.push(arrivedAt - sentAt);
    if (handle !== undefined) {
      await sender.call(callBytes(target, 'DeleteMessage', { QueueUrl, ReceiptHandle: JSON.parse(handle) as string }));
    }
  }
  receiver.end();
  sender.end();
  return latencies;
};

process.on('message', async (order: LoadOrder) => {
  try {
    const { target, count } = order;
    if (order.kind === 'wake-up') {
      process.send?.({ latencies: await wakeUps(target, count) });
    } else {
      const next = callsOf(order.workload, target);
      process.send?.({ load: await runLoad({ port: target.port, connections: order.connections, count, next }) });
    }
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
