import { once } from 'node:events';
import http from 'node:http';
import * as consumers from 'node:stream/consumers';
import { type Random, seededRandom } from '@holdfast/kernel';
import { modelOf, type OperationModel, type ServiceModel } from '../gateway/service-model.ts';
import { LocalEngine } from '../local-engine.ts';
import type { LocalEngineOptions } from '../local-engine-options.ts';
import { PLAYED } from '../played.ts';
import { type FuzzRequest, readOf, requestTo } from './request-maker.ts';

export interface Finding {
  readonly request: FuzzRequest;
  /** What was wrong with the answer. */
  readonly flaw: string;
}

export interface FuzzResult {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly slowest: { readonly ms: number; readonly label: string };
}

const json = (target: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': target,
});

/** One of each kind, so that requests get past the look-up. */
const SETUP: readonly (readonly [target: string, input: object])[] = [
  ['AmazonSQS.CreateQueue', { QueueName: 'fuzz' }],
  ['AmazonSimpleNotificationService.CreateTopic', { Name: 'fuzz' }],
  ['Kinesis_20131202.CreateStream', { StreamName: 'fuzz', ShardCount: 1 }],
  [
    'DynamoDB_20120810.CreateTable',
    {
      TableName: 'fuzz',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    },
  ],
  ['Logs_20140328.CreateLogGroup', { logGroupName: 'fuzz' }],
  ['Logs_20140328.CreateLogStream', { logGroupName: 'fuzz', logStreamName: 'fuzz' }],
  ['AWSEvents.PutRule', { Name: 'fuzz', EventPattern: '{"source":["fuzz"]}' }],
  ['AmazonSSM.PutParameter', { Name: 'fuzz', Type: 'String', Value: 'fuzz' }],
];

/** Mutated requests delete things, too. */
const SETUP_EVERY = 150;

/** What takes longer is a finding. */
const ANSWER_MAX_MS = 20_000;

/** Operations that park their caller, or wait for time. */
const PARKS: ReadonlySet<string> = new Set([
  'ReceiveMessage',
  'SubscribeToShard',
  'StartLiveTail',
  'InvokeWithResponseStream',
  'SelectObjectContent',
]);

/** Operations that change nothing, and answer the same until something else does. */
const READS = /^(Get|List|Describe|Head|BatchGet|Query|Scan|Filter|Search)/;

/** Answers that are new each time (tokens, passwords, sessions), or of traces, which are in memory alone. */
const NEW_EACH_TIME: ReadonlySet<string> = new Set([
  'BatchGetTraces',
  'GetRandomPassword',
  'GetServiceGraph',
  'GetSessionToken',
  'GetShardIterator',
  'GetTraceGraph',
  'GetTraceSummaries',
]);

/** Whether the engine has an operation at all: without input it answers something else then. */
const isModelled = (local: LocalEngine, service: string, action: string): boolean => {
  try {
    // A caller who is parked is not waited for.
    Promise.resolve(local.engine.call(service, action, {}, local.context())).catch(() => {});
    return true;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code !== 'NotSupportedByHoldfast' || !message.includes(` ${action}.`);
  }
};

export interface FuzzOptions {
  readonly onProgress?: (done: number) => void;
  readonly isStopped?: () => boolean;
  /** The share of requests with something odd in them. */
  readonly oddShare?: number;
}

/** What differs from request to request, and the port from engine to engine. */
const withoutIds = (text: string): string =>
  text
    .replace(/<(RequestId|HostId|requestId)>[^<]*</g, '<$1><')
    .replace(/"(requestId|RequestId|x-amzn-RequestId)":"[^"]*"/g, '"$1":""')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1');

/** An engine with one of each kind, and mutated requests for it. */
export class FuzzEngine {
  readonly #engine: LocalEngine;
  readonly #random: Random;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #operations: readonly (readonly [ServiceModel, OperationModel])[];
  /** Members that an operation refuses by name: nothing behind them is reached. */
  readonly #refused = new Map<OperationModel, Set<string>>();

  private constructor(
    engine: LocalEngine,
    random: Random,
    operations: readonly (readonly [ServiceModel, OperationModel])[],
  ) {
    this.#engine = engine;
    this.#random = random;
    this.#operations = operations;
  }

  static async start(seed: number, options: LocalEngineOptions = {}, isSetUp = false): Promise<FuzzEngine> {
    const engine = await LocalEngine.start({ ...options, port: 0, seed });
    const models = await Promise.all(PLAYED.map(async (service) => modelOf(service, await service.sdk())));
    const operations = models.flatMap((model) =>
      [...model.operations.values()]
        .filter(({ name }) => !PARKS.has(name) && isModelled(engine, model.id, name))
        .map((operation) => [model, operation] as const),
    );
    const fuzz = new FuzzEngine(engine, seededRandom(seed).stream('fuzz'), operations);
    if (!isSetUp) await fuzz.#setUp();
    return fuzz;
  }

  get endpoint(): string {
    return this.#engine.endpoint;
  }

  get operationCount(): number {
    return this.#operations.length;
  }

  async #setUp(): Promise<void> {
    for (const [target, input] of SETUP) {
      await fetch(this.endpoint, { method: 'POST', headers: json(target), body: JSON.stringify(input) });
    }
    await fetch(`${this.endpoint}/fuzz`, { method: 'PUT' });
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return this.#engine.close();
  }

  /** Goes through all operations, round after round. What cannot be a fault of the request must not be said to be one. */
  async run(
    requests: number,
    { onProgress = () => {}, isStopped = () => false, oddShare }: FuzzOptions = {},
  ): Promise<FuzzResult> {
    const statuses: Record<string, number> = {};
    const findings: Finding[] = [];
    let slowest = { ms: 0, label: '' };
    let sent = 0;
    for (let done = 0; done < requests && !isStopped(); done++) {
      const [service, operation] = this.#operations[done % this.#operations.length] as readonly [
        ServiceModel,
        OperationModel,
      ];
      if (done % SETUP_EVERY === SETUP_EVERY - 1) await this.#setUp();
      const request = requestTo(service, operation, this.#random, this.#refused.get(operation), oddShare);
      const startedAt = performance.now();
      const { status, text } = await this.#send(request);
      const ms = performance.now() - startedAt;
      if (ms > slowest.ms) slowest = { ms, label: request.label };
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === '501') this.#learn(operation, text);
      if (status === '500' || status === 'none') findings.push({ request, flaw: text.slice(0, 300) });
      sent = done + 1;
      onProgress(sent);
    }
    return { requests: sent, statuses, findings, slowest };
  }

  /** What every operation that only looks answers, by its request; the requests are the same for the same seed. */
  async look(rounds: number, seed: number): Promise<ReadonlyMap<string, string>> {
    const random = seededRandom(seed).stream('look');
    const answers = new Map<string, string>();
    for (const [service, operation] of this.#operations) {
      if (!READS.test(operation.name) || NEW_EACH_TIME.has(operation.name)) continue;
      for (let round = 0; round < rounds; round++) {
        const request = readOf(service, operation, random);
        const { status, text } = await this.#send(request);
        const { label, path, body } = request;
        answers.set(`${label} ${path} ${String(body)}`, `${status} ${withoutIds(text)}`);
      }
    }
    return answers;
  }

  /** An engine that refuses what it does not model is not to be asked for it again and again. */
  #learn(operation: OperationModel, text: string): void {
    const what = /Holdfast does not support (.*?)\. See docs/.exec(text)?.[1] ?? '';
    const member = / with (\w+)$/.exec(what)?.[1];
    if (member === undefined) return;
    const refused = this.#refused.get(operation) ?? new Set();
    this.#refused.set(operation, refused.add(member));
  }

  /** Not by `fetch`: its promises, streams and signals cost more than what the engine does for most requests. */
  async #send({ method, path, headers, body }: FuzzRequest): Promise<{ status: string; text: string }> {
    const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
    const sized = hasBody ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const typed = hasBody && typeof body === 'string' ? { 'content-type': 'text/plain;charset=UTF-8' } : {};
    try {
      const asked = http.request(new URL(new URL(this.endpoint).origin + path), {
        agent: this.#agent,
        method,
        headers: { ...typed, ...headers, ...sized },
        timeout: ANSWER_MAX_MS,
      });
      asked.once('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_MAX_MS} ms`)));
      asked.end(hasBody ? body : undefined);
      const [answer] = (await once(asked, 'response')) as [http.IncomingMessage];
      return { status: String(answer.statusCode), text: await consumers.text(answer) };
    } catch (error) {
      return { status: 'none', text: `${(error as Error).message} ${String((error as Error).cause ?? '')}` };
    }
  }
}
