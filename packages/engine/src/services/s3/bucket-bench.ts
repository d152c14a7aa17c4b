import { idsFrom, ManualClock, seededRandom, TimerQueue } from '@holdfast/kernel';
import {
  type BusEvent,
  type Delivery,
  type DeliveryResult,
  type MetricPoint,
  type QueueMessage,
  type RequestContext,
  refuseUnmodelled,
  type Sender,
  type Service,
  type ServiceEnvironment,
  ServiceError,
  type Store,
  type TopicMessage,
} from '../../core/index.ts';
import { environmentOf } from '../../environment-bench.ts';
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
    this.service = create(
      environmentOf({
        clock: this.clock,
        random,
        ids: idsFrom(random.stream('ids')),
        timers: this.timers,
        store,
        deliver,
        metrics: { record: (point) => void this.metrics.push(point) },
      }),
    );
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
