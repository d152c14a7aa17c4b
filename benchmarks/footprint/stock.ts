import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Contestant, type FilledQueue } from '../sqs/contestant.ts';
import type { Load } from '../sqs/load.ts';
import { jsonCall } from '../src/http-load.ts';
import type { ServerUnderTest } from '../src/servers.ts';

/** Messages that wait in one queue. */
export interface Stock {
  readonly messages: number;
  readonly bodyBytes: number;
}

/** Bytes per waiting message; the heap only where the server tells, the disk only where it has one. */
export interface StockCost {
  readonly stock: Stock;
  /** Messages that were stored within the time; fewer than asked for where the server was too slow. */
  readonly stored: number;
  readonly resident: number;
  readonly heap: number | undefined;
  readonly disk: number | undefined;
}

/** Code, pools and first pages are paid once, not per message. */
const FIRST_MESSAGES = 2_000;
const WRITE_BACK_WITHIN_MS = 15_000;

/** Of all files below. */
const diskBytesOf = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    return entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum;
  }, 0);

export const measureStock = async (
  server: ServerUnderTest,
  load: Load,
  stock: Stock,
  fillMs: number,
  directory?: string,
): Promise<{ readonly cost: StockCost; readonly queue: FilledQueue }> => {
  const contestant = new Contestant(server, load);
  const queue = await contestant.createQueue();
  const used = async () => ({
    heap: await server.heapBytes(),
    resident: server.residentBytes() ?? Number.NaN,
    disk: directory === undefined ? undefined : diskBytesOf(directory),
  });
  await contestant.fill(queue, Math.min(FIRST_MESSAGES, stock.messages / 2), fillMs, stock.bodyBytes);
  const [before, waitingBefore] = [await used(), queue.waiting];
  await contestant.fill(queue, stock.messages, fillMs, stock.bodyBytes);
  await contestant.untilQuiet(WRITE_BACK_WITHIN_MS);
  const after = await used();
  const added = queue.waiting - waitingBefore;
  const each = (from: number | undefined, to: number | undefined): number | undefined =>
    from === undefined || to === undefined ? undefined : (to - from) / added;
  const cost: StockCost = {
    stock,
    stored: queue.waiting,
    resident: (after.resident - before.resident) / added,
    heap: each(before.heap, after.heap),
    disk: each(before.disk, after.disk),
  };
  return { cost, queue };
};

export interface Restart {
  /** From the start of the process, in milliseconds. */
  readonly untilHealthyMs: number;
  readonly untilFirstReceiveMs: number;
  readonly residentBytes: number | undefined;
}

const LOOK_EVERY_MS = 5;
const START_WITHIN_MS = 120_000;

/** Starts a server that has state, and asks for its health and for a message until it answers. */
export const measureRestart = async (
  start: (port: number) => Promise<ServerUnderTest>,
  { target }: FilledQueue,
): Promise<Restart> => {
  const begin = performance.now();
  const ask = async (path: string, init: RequestInit): Promise<string> => {
    for (;;) {
      try {
        const answer = await fetch(`http://127.0.0.1:${target.port}${path}`, init);
        if (answer.ok) return await answer.text();
      } catch (error) {
        if (performance.now() > begin + START_WITHIN_MS) throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  };
  const starting = start(target.port);
  await ask('/_holdfast/health', {});
  const untilHealthyMs = performance.now() - begin;
  const received = await ask('/', {
    method: 'POST',
    headers: jsonCall('AmazonSQS.ReceiveMessage'),
    body: JSON.stringify({ QueueUrl: target.queueUrl }),
  });
  const untilFirstReceiveMs = performance.now() - begin;
  if (!received.includes('ReceiptHandle')) throw new Error(`after the restart the queue is empty: ${received}`);
  const server = await starting;
  const residentBytes = server.residentBytes();
  await server.stop();
  return { untilHealthyMs, untilFirstReceiveMs, residentBytes };
};
