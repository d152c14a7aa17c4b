import { idsFrom, ManualClock, seededRandom, TimerQueue } from '@holdfast/kernel';
// biome-ignore lint/style/noRestrictedImports: for tests; real checksums.
import { liveDigest } from '@holdfast/kernel/live';
import {
  type BusEvent,
  DEFAULT_ENGINE_SETTINGS,
  type Delivery,
  type DeliveryResult,
  type MetricPoint,
  noHttp,
  type QueueMessage,
  type RequestContext,
  refuseUnmodelled,
  type Sender,
  type Service,
  type ServiceEnvironment,
  ServiceError,
  type Store,
  standInSigner,
  type TopicMessage,
} from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';

/** Something that arrived at a fake target. */
export interface Arrival {
  readonly target: string;
  readonly message: QueueMessage & TopicMessage & { readonly payload: string; readonly event: BusEvent };
  readonly sender: Sender;
}

/** One service on a manual clock, with fake targets that take everything unless told otherwise. */
export class TestBench<Tested extends Service> {
  readonly clock = new ManualClock();
  readonly timers = new TimerQueue();
  readonly store: Store;
  readonly arrivals: Arrival[] = [];
  readonly metrics: MetricPoint[] = [];
  /** ARNs that do not exist. */
  readonly missing = new Set<string>();
  /** ARNs whose policy lets nobody in. */
  readonly closed = new Set<string>();
  /** ARNs that fail with a server error. */
  readonly failing = new Set<string>();
  readonly service: Tested;

  constructor(create: (environment: ServiceEnvironment) => Tested, store: Store = new MapStore(), startMs?: number) {
    if (startMs !== undefined) this.clock.set(startMs);
    this.store = store;
    const random = seededRandom(7);
    const unused = (): never => {
      throw new Error('not part of this bench');
    };
    const take = (target: string, message: object, sender: Sender): DeliveryResult => {
      const refusal = this.missing.has(target)
        ? new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.', 400)
        : this.closed.has(target)
          ? new ServiceError('AccessDenied', 'Access Denied', 403)
          : this.failing.has(target)
            ? new ServiceError('InternalFailure', 'Internal failure', 500)
            : undefined;
      if (refusal !== undefined) return { ok: false, error: refusal };
      this.arrivals.push({ target, message: message as Arrival['message'], sender });
      return { ok: true };
    };
    const deliver: Delivery = {
      to: (kind, target, message, sender) =>
        kind === 'function'
          ? take(target, { payload: message }, sender)
          : kind === 'bus'
            ? take(target, { event: message }, sender)
            : take(target, message as object, sender),
      exists: (target) => !this.missing.has(target),
      accepts: (target) => !this.closed.has(target),
    };
    this.service = create({
      api: { call: unused, knows: unused, exceptionOf: unused, outputProblem: unused },
      briefly: unused,
      clock: this.clock,
      http: noHttp,
      signer: standInSigner(liveDigest),
      random,
      ids: idsFrom(random.stream('ids')),
      digest: liveDigest,
      cryptography: { seal: unused, open: unused, verifies: unused },
      keys: { refusalOf: () => undefined, arnOf: ({ keyId }) => keyId, onChange: () => {} },
      traces: { record: () => {}, samples: () => false },
      principals: { keyOwner: () => undefined, role: () => undefined, user: () => undefined },
      sessions: { sessionOf: () => undefined },
      timers: this.timers,
      store,
      deliver,
      queues: { facts: unused, receive: unused, delete: unused, failed: unused, onAvailable: unused },
      streams: { facts: unused, shards: unused, positionOf: unused, read: unused, onAvailable: unused },
      tableStreams: { open: unused, append: unused, close: unused },
      objects: { read: unused },
      metrics: { record: (point) => void this.metrics.push(point) },
      logs: { append: unused, accepts: unused, hasGroup: unused },
      mail: { mails: unused },
      runtime: { invoke: unused, retire: unused },
      settings: DEFAULT_ENGINE_SETTINGS,
      resourceTypes: [],
      call: unused,
    });
    this.service.start?.();
  }

  /** Calls an action as the engine does. */
  call<Output = Record<string, unknown>>(action: string, input: object, context: Partial<RequestContext> = {}): Output {
    const operation = this.service.operations[action];
    if (operation === undefined) throw new Error(`no operation ${action}`);
    refuseUnmodelled(input, operation.members, action);
    return operation.run(input as never, {
      account: '000000000000',
      region: 'us-east-1',
      requestId: 'EXAMPLEREQUEST01',
      now: this.clock.now(),
      ...context,
    }) as Output;
  }

  /** The error that an action answers with, as plain data. */
  refusal(
    action: string,
    input: object,
    context: Partial<RequestContext> = {},
  ): { code: string; message: string; status: number; members: Readonly<Record<string, unknown>> | undefined } {
    try {
      this.call(action, input, context);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { code: error.code, message: error.message, status: error.status, members: error.members };
    }
    throw new Error(`${action} succeeded`);
  }

  /** Moves time, running everything due on the way. */
  advance(ms: number): void {
    const target = this.clock.now() + ms;
    for (;;) {
      const at = this.timers.nextWakeAt();
      if (at === undefined || at > target) break;
      this.clock.set(at);
      this.timers.wake(this.clock.now());
    }
    this.clock.set(target);
  }
}
