import type { RequestContext } from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';
import type { ServiceFaults } from './faults/index.ts';
import { Gateway, type GatewayOptions } from './gateway/index.ts';
import type { LocalEngineOptions } from './local-engine-options.ts';
import { PLAYED } from './played.ts';
import { durableFor, refusalFor } from './room.ts';
import type { EngineTime } from './runtime/index.ts';
import type { WaitingCalls } from './standing-clock/index.ts';
import type { LogStore } from './store/index.ts';
import type { Worlds } from './worlds.ts';

/** What stands behind the gateway: worlds, one after the other, and what outlives them. */
export interface Behind {
  readonly options: LocalEngineOptions;
  readonly worlds: Worlds;
  readonly time: EngineTime;
  readonly ids: IdSource;
  readonly log: LogStore | undefined;
  readonly faults: ServiceFaults;
  readonly control: NonNullable<GatewayOptions['control']>;
}

/** The gateway of an engine: it asks whatever world there is at the time of a call. */
export const gatewayBefore = ({ options, worlds, time, ids, log, faults, control }: Behind): Gateway => {
  const { account = '000000000000', region = 'us-east-1', allowedOrigins = [], allowedHosts = [], host } = options;

  /** Functions sign by the engine's time when they live in it, everybody else by the machine's. */
  const livesInEngineTime = (accessKeyId: string): boolean =>
    worlds.current?.runtime.livesInEngineTime(accessKeyId) === true;

  /** A call over the wire may meet a fault that was asked for. */
  const call = (service: string, action: string, input: object, context: RequestContext): unknown => {
    const { engine } = worlds.alive;
    const pause = faults.meet(service, action);
    if (pause === undefined) return engine.call(service, action, input, context);
    return pause.then(() => worlds.alive.engine.call(service, action, input, { ...context, now: time.now() }));
  };

  const waits: WaitingCalls = {
    get isVirtual() {
      return time.mode === 'virtual';
    },
    enter: (entered) => worlds.current?.waits.enter(entered) ?? (() => {}),
    looked: (looking, output) => worlds.current?.waits.looked(looking, output),
  };

  return new Gateway({
    clock: time,
    ids,
    defaultAccount: account,
    defaultRegion: region,
    services: PLAYED,
    call,
    refusal: (action, bodyBytes) => log && refusalFor(log, action, bodyBytes),
    durable: (action) => log && durableFor(log, action),
    // An environment of a function, or somebody who has credentials of IAM's or STS's.
    identify: (accessKeyId) =>
      worlds.current?.runtime.identify(accessKeyId) ?? worlds.current?.engine.identify(accessKeyId),
    ready: () => worlds.changing,
    signing: {
      when: (read, accessKeyId) => (livesInEngineTime(accessKeyId) ? read : time.when(read)),
      now: (accessKeyId) => (livesInEngineTime(accessKeyId) ? time.now() : Date.now()),
      engineNow: () => time.now(),
    },
    observe: (context) => worlds.current?.runtime.observe(context),
    waits,
    control,
    guard: { allowedOrigins, allowedHosts: [...allowedHosts, ...(host === undefined ? [] : [host])] },
    routeOf: (hostName, path) => worlds.alive.engine.routeOf(hostName, path),
  });
};
