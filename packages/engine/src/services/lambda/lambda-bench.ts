import { idsFrom, ManualClock, seededRandom, TimerQueue, VirtualDriver } from '@holdfast/kernel';
import {
  type BusEvent,
  DEFAULT_ENGINE_SETTINGS,
  type Deliverables,
  type DeliveryResult,
  type EngineSettings,
  type MetricPoint,
  type QueueMessage,
  type RequestContext,
  type RuntimeInvocation,
  type RuntimeOutcome,
  type Sender,
  ServiceError,
  type Store,
  type TopicMessage,
} from '../../core/index.ts';
import { environmentOf } from '../../environment-bench.ts';
import { MapStore } from '../../map-store.ts';
import { refusalOf } from '../../test-engine.ts';
import { FakeQueues } from './queues-bench.ts';
import { LambdaService } from './service.ts';

/** What a simulated function does with one invocation. */
export type Behaviour = (invocation: RuntimeInvocation) => {
  readonly result?: unknown;
  /** Raw text instead of the JSON of `result`. */
  readonly text?: string;
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
  readonly kind?: RuntimeOutcome['kind'];
  readonly durationMs?: number;
  readonly lines?: readonly string[];
  readonly coldStart?: boolean;
  readonly initDurationMs?: number;
};

/** For tests: the Lambda service alone in virtual time, everything around it recorded. */
export class LambdaBench {
  readonly clock: ManualClock;
  readonly timers = new TimerQueue();
  readonly store: Store;
  readonly service: LambdaService;
  readonly driver: VirtualDriver;
  readonly invocations: RuntimeInvocation[] = [];
  readonly functions = new Map<string, Behaviour>();
  readonly retired: string[] = [];
  /** How many environments the runtime was last asked to keep, by `function:version`. */
  readonly provisioned = new Map<string, number>();
  /** Functions whose initialisation fails. */
  readonly brokenAtStart = new Set<string>();
  readonly points: MetricPoint[] = [];
  /** Sums of the metrics without dimensions. */
  readonly totals = new Map<string, number>();
  readonly logs: { group: string; stream: string; at: number; message: string }[] = [];
  readonly objects = new Map<string, Uint8Array>();
  readonly queues: FakeQueues;
  readonly toQueue: { arn: string; message: QueueMessage; sender: Sender; at: number }[] = [];
  readonly toTopic: { arn: string; message: TopicMessage; at: number }[] = [];
  readonly toFunction: { arn: string; payload: string; at: number }[] = [];
  readonly toBus: { arn: string; event: BusEvent; at: number }[] = [];
  readonly toBucket: { arn: string; key: string; body: string; at: number }[] = [];
  /** ARNs that refuse what is delivered to them. */
  readonly broken = new Set<string>();
  /** ARNs that do not exist. */
  readonly missing = new Set<string>();
  readonly #ids: ReturnType<typeof idsFrom>;
  /** So many invocations run side by side; of a function's revision no more than `crowd` shall wait for that. */
  readonly #machine: { readonly places: number; readonly crowd: number };
  #running = 0;
  #waiting: RuntimeInvocation[] = [];

  constructor(
    options: {
      machine?: { readonly places: number; readonly crowd: number };
      start?: number;
      store?: Store;
      settings?: Partial<EngineSettings>;
      seed?: number;
      keepsPoints?: boolean;
    } = {},
  ) {
    this.#machine = options.machine ?? { places: Number.POSITIVE_INFINITY, crowd: Number.POSITIVE_INFINITY };
    this.clock = new ManualClock(options.start);
    this.store = options.store ?? new MapStore();
    const random = seededRandom(options.seed ?? 1);
    this.#ids = idsFrom(random.stream('ids'));
    this.queues = new FakeQueues(this.clock, this.timers, this.#ids);
    const hash = (data: string | Uint8Array): string => {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      let value = 0x811c9dc5;
      for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
      return value.toString(16).padStart(8, '0').repeat(8);
    };
    const sent = (arn: string, keep: () => void): DeliveryResult => {
      if (this.broken.has(arn)) return { ok: false, error: new ServiceError('QueueDoesNotExist', 'gone') };
      keep();
      return { ok: true };
    };
    const at = (): number => this.clock.now();
    const environment = environmentOf({
      clock: this.clock,
      random: random.stream('lambda'),
      ids: this.#ids,
      digest: {
        hex: (_, data) => hash(data),
        md5Hex: (data) => hash(data).slice(0, 32),
        sha256Hex: hash,
        sha256Base64: (data) => Buffer.from(hash(data), 'hex').toString('base64'),
      },
      timers: this.timers,
      store: this.store,
      runtime: {
        invoke: (invocation) => this.#simulate(invocation),
        retire: (arn) => this.retired.push(arn),
        isCrowded: ({ functionName, revision }) =>
          this.#waiting.filter(({ spec }) => spec.functionName === functionName && spec.revision === revision).length >=
          this.#machine.crowd,
        provision: (spec, count, onSettled) => {
          this.provisioned.set(`${spec.functionName}:${spec.version}`, count);
          if (count === 0) return;
          if (!this.brokenAtStart.has(spec.functionName)) onSettled(true);
          else {
            const lines = ['[ERROR] Exception: no'];
            onSettled(false, {
              logStream: 'ahead',
              lines,
              status: 'error',
              errorType: 'Runtime.Unknown',
              durationMs: 12.5,
            });
          }
        },
      },
      settings: { ...DEFAULT_ENGINE_SETTINGS, ...options.settings },
      metrics: {
        record: (point) => {
          if (options.keepsPoints !== false) this.points.push(point);
          if (point.dimensions !== undefined) return;
          this.totals.set(point.name, (this.totals.get(point.name) ?? 0) + point.value);
        },
      },
      logs: {
        accepts: () => true,
        hasGroup: () => true,
        append: ({ group, stream }, events) => {
          for (const event of events) this.logs.push({ group, stream, ...event });
        },
      },
      streams: {
        facts: () => undefined,
        shards: () => [],
        positionOf: () => '0',
        read: () => [],
        onAvailable: () => () => {},
      },
      tableStreams: { open: () => '', append: () => {}, close: () => {} },
      objects: { read: (bucket, key) => this.objects.get(`${bucket}/${key}`) },
      deliver: {
        to: (kind, arn, delivered, sender) => {
          if (kind === 'function') {
            const payload = delivered as Deliverables['function'];
            this.toFunction.push({ arn, payload, at: at() });
            return this.service.deliver(arn, payload, sender);
          }
          return sent(arn, () => {
            if (kind === 'queue') this.toQueue.push({ arn, message: delivered as QueueMessage, sender, at: at() });
            else if (kind === 'topic') this.toTopic.push({ arn, message: delivered as TopicMessage, at: at() });
            else if (kind === 'bus') this.toBus.push({ arn, event: delivered as BusEvent, at: at() });
            else {
              const { key, body } = delivered as Deliverables['bucket'];
              this.toBucket.push({ arn, key, body: new TextDecoder().decode(body), at: at() });
            }
          });
        },
        exists: (arn) => (arn.includes(':lambda:') ? this.service.exists(arn) : !this.missing.has(arn)),
        accepts: () => true,
      },
      queues: this.queues,
    });
    this.service = new LambdaService(environment);
    this.service.start();
    const whenQuiet = async (): Promise<void> => {
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    };
    this.driver = new VirtualDriver(this.clock, [this.timers], { whenQuiet });
  }

  context(): RequestContext {
    return { account: '000000000000', region: 'us-east-1', requestId: this.#ids.uuid(), now: this.clock.now() };
  }

  async call<Output = Record<string, unknown>>(
    action: string,
    input: object = {},
    context: Partial<RequestContext> = {},
  ): Promise<Output> {
    const operation = this.service.operations[action];
    if (operation === undefined) throw new Error(`no operation ${action}`);
    return (await operation.run(input, { ...this.context(), ...context })) as Output;
  }

  /** How a call is refused: status, code and text of the error; `accepted` when it is not. */
  refusal(action: string, input: object): Promise<readonly [number, string, string] | 'accepted'> {
    return refusalOf(this.call(action, input));
  }

  /** Creates a function whose code is `behaviour`; returns its ARN. */
  async createFunction(name: string, behaviour: Behaviour = () => ({}), more: object = {}): Promise<string> {
    this.functions.set(name, behaviour);
    const created = await this.call<{ FunctionArn: string }>('CreateFunction', {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x01]) },
      ...more,
    });
    return created.FunctionArn;
  }

  /** Sends an event and lets everything that is due at once happen. Returns the request id. */
  async sendEvent(name: string, payload: unknown = { n: 1 }): Promise<string> {
    const { requestId } = this.context();
    await this.call(
      'Invoke',
      { FunctionName: name, InvocationType: 'Event', Payload: new TextEncoder().encode(JSON.stringify(payload)) },
      { requestId },
    );
    await this.advance(0);
    return requestId;
  }

  /** Moves virtual time, running everything due. */
  async advance(ms: number): Promise<void> {
    await this.driver.advance(ms);
  }

  /** Milliseconds between the start of time and each invocation. */
  invocationTimes(since: number): number[] {
    return this.invocations.map((invocation) => invocation.startedAt - since);
  }

  /** Sum of a metric without dimensions. */
  total(name: string): number {
    return this.totals.get(name) ?? 0;
  }

  #simulate(invocation: RuntimeInvocation): void {
    this.invocations.push(invocation);
    if (this.#running < this.#machine.places) this.#run(invocation);
    else this.#waiting.push(invocation);
  }

  #run(invocation: RuntimeInvocation): void {
    this.#running += 1;
    const answer = this.functions.get(invocation.spec.functionName)?.(invocation) ?? {};
    invocation.onStart({ logStream: 'stream', coldStart: answer.coldStart ?? false, at: this.clock.now() });
    for (const line of answer.lines ?? []) invocation.onLog(line);
    const { durationMs = 1, error, kind = error === undefined ? 'success' : 'error' } = answer;
    const payload = answer.text ?? JSON.stringify(error ?? answer.result ?? null);
    this.timers.schedule(this.clock.now() + durationMs, () => {
      this.#running -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(next);
      invocation.onDone({
        kind,
        payload,
        errorType: error?.errorType,
        durationMs,
        maxMemoryUsedMb: 64,
        ...(answer.initDurationMs === undefined ? {} : { initDurationMs: answer.initDurationMs }),
      });
    });
  }
}

/** The behaviour of a function that always throws. */
export const throws: Behaviour = () => ({ error: { errorType: 'Error', errorMessage: 'no such product' } });
