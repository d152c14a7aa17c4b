import { type Briefly, idsFrom, ManualClock, seededRandom, utf8Bytes, VirtualDriver } from '@holdfast/kernel';
import { liveBriefly, liveCryptography, liveDigest } from '@holdfast/kernel/live';
import {
  type EngineSettings,
  type FunctionRuntime,
  type HttpCall,
  type HttpOutcome,
  MemoryStore,
  type RequestContext,
  type RuntimeInvocation,
  type RuntimeOutcome,
  type ServiceError,
  type Store,
} from './core/index.ts';
import { Engine } from './engine.ts';

/** What a test's function does with an invocation: a result, or an error thrown; after `durationMs` of virtual time. */
export type SimulatedFunction = (invocation: RuntimeInvocation) => {
  readonly result?: unknown;
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
  /** Who ended the run when there is an error; by default the handler, otherwise the platform. */
  readonly kind?: Exclude<RuntimeOutcome['kind'], 'success'>;
  readonly durationMs?: number;
};

/** What a test's endpoint answers to a call, after `durationMs` of virtual time. */
export type SimulatedEndpoint = (call: HttpCall) => {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly failure?: Extract<HttpOutcome, { kind: 'failed' }>;
  readonly durationMs?: number;
};

/** An answer as it came, when it is wanted so. */
const rawOf = ({ rawBytesMax }: HttpCall, headers: Readonly<Record<string, string>>, body: string) =>
  rawBytesMax === undefined ? {} : { raw: { headers: Object.entries(headers).flat(), body: utf8Bytes(body) } };

/** For tests: an engine on a manual clock with a fixed seed, functions simulated, nothing live. */
export class TestEngine {
  readonly clock: ManualClock;
  readonly engine: Engine;
  readonly driver: VirtualDriver;
  readonly invocations: RuntimeInvocation[] = [];
  readonly functions = new Map<string, SimulatedFunction>();
  /** What was sent over HTTP, and when. */
  readonly httpCalls: (HttpCall & { readonly at: number })[] = [];
  /** By URL without its query; others are unreachable. */
  readonly endpoints = new Map<string, SimulatedEndpoint>();

  constructor(
    options: {
      start?: number;
      seed?: number;
      store?: Store;
      settings?: Partial<EngineSettings>;
      note?: (text: string) => void;
      briefly?: Briefly;
    } = {},
  ) {
    this.clock = new ManualClock(options.start);
    const random = seededRandom(options.seed ?? 1);
    const runtime: FunctionRuntime = {
      invoke: (invocation) => {
        this.invocations.push(invocation);
        const simulate: SimulatedFunction =
          this.functions.get(invocation.spec.functionName) ?? (() => ({ result: null }));
        invocation.onStart({
          logStream: `2025/01/01/[${invocation.spec.version}]${'0'.repeat(32)}`,
          coldStart: false,
          at: this.clock.now(),
        });
        const { result, error, kind = 'error', durationMs = 1 } = simulate(invocation);
        // What the platform ends has no stack trace.
        const trace = kind === 'error' ? { trace: [] } : {};
        this.engine.timers.schedule(this.clock.now() + durationMs, () =>
          invocation.onDone({
            kind: error === undefined ? 'success' : kind,
            payload: JSON.stringify(error === undefined ? (result ?? null) : { ...error, ...trace }),
            errorType: error?.errorType,
            durationMs,
            maxMemoryUsedMb: 64,
          }),
        );
      },
      retire: () => {},
    };
    this.engine = new Engine({
      clock: this.clock,
      random: random.stream('engine'),
      ids: idsFrom(random.stream('ids')),
      digest: liveDigest,
      cryptography: liveCryptography,
      briefly: options.briefly ?? liveBriefly,
      store: options.store ?? new MemoryStore(),
      runtime,
      http: {
        refusalOf: () => undefined,
        send: (call, onDone) => {
          this.httpCalls.push({ ...call, at: this.clock.now() });
          const endpoint = this.endpoints.get(call.url.split('?')[0] as string);
          const unreachable = { kind: 'failed', reason: 'unreachable', message: 'connection refused' } as const;
          const {
            status = 200,
            headers = {},
            body = '',
            failure,
            durationMs = 0,
          } = endpoint?.(call) ?? {
            failure: unreachable,
          };
          this.engine.timers.schedule(this.clock.now() + durationMs, () =>
            onDone(failure ?? { kind: 'answered', status, headers, body, ...rawOf(call, headers, body) }),
          );
        },
      },
      note: options.note,
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    this.engine.start();
    this.driver = new VirtualDriver(this.clock, [this.engine], { whenQuiet: settled });
  }

  /** Calls an action; the answer is typed by the caller: `await test.call<SendMessageResult>('sqs', ...)`. */
  async call<Output = Record<string, unknown>>(
    service: string,
    action: string,
    input: object = {},
    context: Partial<RequestContext> = {},
  ): Promise<Output> {
    return (await this.engine.call(service, action, input, { ...this.engine.context(), ...context })) as Output;
  }

  /** Moves virtual time, running everything due. */
  async advance(ms: number): Promise<void> {
    await this.driver.advance(ms);
  }
}

/** How a call is refused: status, code and text of the error; `accepted` when it is not. */
export const refusalOf = async (calling: Promise<unknown>): Promise<readonly [number, string, string] | 'accepted'> => {
  try {
    await calling;
  } catch (error) {
    const { code, message, status } = error as ServiceError;
    return [status, code, message];
  }
  return 'accepted';
};

/** Lets promise callbacks run. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
};
