import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { Engine, type EngineSettings, type FunctionSpec, ServiceError, type Store } from '@holdfast/engine';
import type { IdSource, Random } from '@holdfast/kernel';
import { liveBriefly, liveCryptography, liveDigest } from '@holdfast/kernel/live';
import type { Bindings } from './bindings.ts';
import { chartPainter } from './dashboards/painter.ts';
import { TimeDriver } from './drivers.ts';
import type { ModelCodecs } from './gateway/index.ts';
import { HttpClient, rsaSigner } from './outgoing/index.ts';
import { PLAYED } from './played.ts';
import {
  BoundFunctions,
  CodeStore,
  type Delay,
  type EngineTime,
  FunctionEnvironments,
  HeldInvocations,
  type Isolation,
} from './runtime/index.ts';
import { StandingClock, type StandingClockMode } from './standing-clock/index.ts';

/** Rough memory of one warm Node environment; bounds how many are kept at once. */
const ENVIRONMENT_BYTES = 64 * 2 ** 20;

/** What a world is made in, and what outlives it. */
export interface WorldOptions {
  readonly time: EngineTime;
  readonly random: Random;
  readonly ids: IdSource;
  readonly store: Store;
  /** For code and files of functions. */
  readonly workDir: string;
  readonly endpoint: string;
  /** Where functions send segments of X-Ray; `host:port`. */
  readonly traceAddress: string | undefined;
  readonly codecs: ModelCodecs;
  readonly bindings: Bindings;
  /** How an invocation is delayed before its handler, if it is. */
  readonly delayOf: (spec: FunctionSpec) => Delay | undefined;
  readonly isolation: Isolation;
  readonly isRepeatable: boolean;
  readonly note: ((text: string) => void) | undefined;
  readonly standingClock: StandingClockMode;
  readonly settings: Omit<EngineSettings, 'endpoint'>;
}

/** Everything that one state of the world consists of; a reset makes a new one. */
export class World {
  readonly engine: Engine;
  readonly runtime: FunctionEnvironments;
  readonly driver: TimeDriver;
  readonly waits: StandingClock;
  readonly #held: HeldInvocations;
  readonly #bound: BoundFunctions;
  readonly #http: HttpClient;

  constructor({ time, ids, store, workDir, endpoint, codecs, bindings, traceAddress, ...options }: WorldOptions) {
    const runtime = new FunctionEnvironments({
      time,
      ids,
      code: new CodeStore(store.blobs, join(workDir, 'code')),
      endpoint: () => endpoint,
      traceAddress,
      compileCache: join(workDir, 'compile-cache'),
      filesDirectory: join(workDir, 'environments'),
      isolation: options.isolation,
      isRepeatable: options.isRepeatable,
      environmentsMax: Math.max(64, Math.floor((totalmem() * 0.5) / ENVIRONMENT_BYTES)),
      processors: availableParallelism(),
    });
    const bound = new BoundFunctions(time, runtime, (spec) => bindings.handlerOf(spec, () => this.engine));
    const held = new HeldInvocations({ time, ids, runtime: bound, delayOf: options.delayOf });
    const http = new HttpClient(time, () => (this.driver.nextWakeAt() ?? Number.POSITIVE_INFINITY) <= time.now());
    this.engine = new Engine({
      clock: time,
      random: options.random.stream('engine'),
      ids,
      digest: liveDigest,
      cryptography: liveCryptography,
      briefly: liveBriefly,
      store,
      runtime: held,
      http,
      signer: rsaSigner,
      charts: chartPainter,
      codecs,
      services: PLAYED,
      note: options.note,
      settings: { ...options.settings, endpoint },
    });
    const whenQuiet = async (): Promise<void> => {
      do {
        await codecs.settled();
        await runtime.whenQuiet();
        await bound.whenQuiet();
        await http.whenQuiet();
      } while (codecs.isLoading);
    };
    this.runtime = runtime;
    this.#held = held;
    this.#bound = bound;
    this.#http = http;
    this.driver = new TimeDriver(time, [this.engine, held, runtime, bound, http], { whenQuiet });
    this.waits = new StandingClock({
      time,
      mode: options.standingClock,
      note: options.note,
      witnesses: {
        engine: this.engine,
        nextWakeAt: () => this.driver.nextWakeAt(),
        resting: () => [...held.resting(), ...runtime.resting(), ...bound.resting()],
      },
      restingSince: () => this.driver.restingSince,
      isAtRest: () => !codecs.isLoading && runtime.isQuiet,
      settle: () => this.driver.playPresent(),
      boundSince: () => bound.runningSince,
    });
    const rearm = () => this.driver.rearm();
    this.engine.timers.onEarlier = rearm;
    held.timers.onEarlier = rearm;
    runtime.onEarlier = rearm;
    bound.timers.onEarlier = rearm;
    http.timers.onEarlier = rearm;
    runtime.onAwaited = () => this.driver.playPresent();
  }

  start(): void {
    this.engine.start();
    this.driver.start();
  }

  /** Lets nothing new begin, and waits for the functions that run. */
  async stop(): Promise<void> {
    this.driver.stop();
    this.engine.timers.clear();
    this.#http.close();
    this.waits.close();
    this.#held.close();
    this.#bound.close();
    await this.runtime.close();
    // Whoever still waits, for a message, say, would wait for a timer that there is no more.
    this.waits.dismiss(new ServiceError('ServiceUnavailable', 'The engine has ended', 503));
  }
}
