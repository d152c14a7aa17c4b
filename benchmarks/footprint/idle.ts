import { setTimeout as sleep } from 'node:timers/promises';
import { storedZip } from '../lambda/stored-zip.ts';
import { HttpConnection } from '../src/http-connection.ts';
import { jsonCall, requestBytes, runLoad, singleRequest, type WorkUnit } from '../src/http-load.ts';
import { signedHeaders } from '../src/lambda-requests.ts';
import type { ServerUnderTest } from '../src/servers.ts';

export interface IdlePlan {
  readonly queues: number;
  /** How long is watched, in each state. */
  readonly forMs: number;
}

/** What a server uses while nothing happens. */
export interface Idle {
  readonly name: string;
  readonly cpuMsPerSecond: number;
  readonly residentBytes: number;
}

const CONNECTIONS = 16;
const SETTLE_MS = 2_000;
/** As long as SQS allows. */
const WAIT_SECONDS = 20;
const ROLE = 'arn:aws:iam::000000000000:role/bench';

const call = (port: number, action: string, input: object): Buffer =>
  requestBytes(port, '/', jsonCall(`AmazonSQS.${action}`), JSON.stringify(input));

const rest = (port: number, path: string, input: object): Buffer =>
  requestBytes(port, path, { ...signedHeaders('lambda'), 'Content-Type': 'application/json' }, JSON.stringify(input));

/** One request for each index, a few at a time. */
const forEachIndex = async (port: number, count: number, bytesOf: (index: number) => Buffer): Promise<void> => {
  let next = 0;
  const unit = (): WorkUnit => singleRequest(bytesOf(next++));
  await runLoad({ port, connections: CONNECTIONS, unitsMax: count, unit });
};

const watch = async (name: string, server: ServerUnderTest, { forMs }: IdlePlan): Promise<Idle> => {
  await sleep(Math.min(SETTLE_MS, forMs));
  const [before, begin] = [server.cpuMs() ?? Number.NaN, performance.now()];
  await sleep(forMs);
  const seconds = (performance.now() - begin) / 1_000;
  const cpuMsPerSecond = ((server.cpuMs() ?? Number.NaN) - before) / seconds;
  return { name, cpuMsPerSecond, residentBytes: server.residentBytes() ?? Number.NaN };
};

/** Queues alone; then a quarter of them with a mapping to a function; then another quarter with somebody who waits. */
export const measureIdle = async (server: ServerUnderTest, plan: IdlePlan): Promise<readonly Idle[]> => {
  const { port } = server;
  const [queues, quarter] = [plan.queues, Math.floor(plan.queues / 4)];
  const count = (value: number): string => value.toLocaleString('en-US');
  const found: Idle[] = [await watch('nothing', server, plan)];

  await forEachIndex(port, queues, (index) => call(port, 'CreateQueue', { QueueName: `q${index}` }));
  found.push(await watch(`${count(queues)} queues`, server, plan));

  const ZipFile = storedZip('index.js', 'exports.handler = async () => null;').toString('base64');
  const noop = { FunctionName: 'noop', Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE, Code: { ZipFile } };
  await forEachIndex(port, 1, () => rest(port, '/2015-03-31/functions', noop));
  await forEachIndex(port, quarter, (index) =>
    rest(port, '/2015-03-31/event-source-mappings', {
      FunctionName: 'noop',
      EventSourceArn: `arn:aws:sqs:us-east-1:000000000000:q${index}`,
    }),
  );
  found.push(await watch(`… ${count(quarter)} of them with a mapping`, server, plan));

  const waiting = Array.from({ length: quarter }, () => new HttpConnection(port));
  for (const connection of waiting) await connection.open();
  let isOver = false;
  waiting.forEach((connection, index) => {
    const QueueUrl = `http://127.0.0.1:${port}/000000000000/q${quarter + index}`;
    const bytes = call(port, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: WAIT_SECONDS });
    const wait = (): void => {
      if (!isOver) connection.request(bytes, wait);
    };
    wait();
  });
  found.push(await watch(`… and ${count(quarter)} with a receive that waits`, server, plan));
  isOver = true;
  for (const connection of waiting) connection.end();
  return found;
};
