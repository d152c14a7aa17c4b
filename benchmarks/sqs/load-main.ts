/** The load generator, in a process of its own; see load.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from '../src/http-connection.ts';
import { runLoad } from '../src/http-load.ts';
import { callBytes, handleIn, unitsOf } from './calls.ts';
import type { LoadOrder, WakeUpOrder } from './load.ts';

/** Long enough that a receive is parked, whatever the server; where a message was faster, the sample does not count. */
const PARKED_AFTER_MS = 5;
const WAIT_SECONDS = 2;
/** In a row: then the server does not wake up at all. */
const MISSES_MAX = 5;

/** Milliseconds from sending a message to the answer of the receive that waited for it. */
const wakeUps = async ({ target, count, forMs }: WakeUpOrder): Promise<number[]> => {
  const { queueUrl: QueueUrl } = target;
  const [receiver, sender] = [new HttpConnection(target.port), new HttpConnection(target.port)];
  const wait = callBytes(target, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: WAIT_SECONDS });
  const send = callBytes(target, 'SendMessage', { QueueUrl, MessageBody: 'x'.repeat(256) });
  const latencies: number[] = [];
  const until = performance.now() + forMs;
  let misses = 0;
  while (latencies.length < count && performance.now() < until) {
    await Promise.all([receiver.open(), sender.open()]);
    let arrivedAt = 0;
    const received = receiver.call(wait).then((answer) => {
      arrivedAt = performance.now();
      return answer;
    });
    await sleep(PARKED_AFTER_MS);
    const sentAt = performance.now();
    await sender.call(send);
    const ReceiptHandle = handleIn(await received);
    if (ReceiptHandle === undefined || arrivedAt < sentAt) {
      misses += 1;
      if (misses > MISSES_MAX) throw new Error('waiting receives end without a message');
      continue;
    }
    misses = 0;
    latencies.push(arrivedAt - sentAt);
    await sender.call(callBytes(target, 'DeleteMessage', { QueueUrl, ReceiptHandle }));
  }
  receiver.end();
  sender.end();
  return latencies;
};

process.on('message', async (order: LoadOrder | WakeUpOrder) => {
  try {
    if (order.kind === 'wake-up') {
      process.send?.({ latencies: await wakeUps(order) });
    } else {
      const { target, workload, bodyBytes, ...load } = order;
      const unit = unitsOf(workload, target, bodyBytes);
      process.send?.({ load: await runLoad({ port: target.port, unit, ...load }) });
    }
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
