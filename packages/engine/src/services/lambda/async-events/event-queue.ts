import { type Random, type Timer, utf8Bytes } from '@holdfast/kernel';
import { type Collection, type FunctionSpec, openTraceHeader, type ServiceEnvironment } from '../../../core/index.ts';
import { LATEST } from '../functions/function-record.ts';
import type { FunctionRegistry, ResolvedFunction } from '../functions/function-registry.ts';
import type { ExecutionResult, Executor, Refusal } from '../invocations/executor.ts';
import { recordMetric } from '../invocations/function-metrics.ts';
import { qualifiedArn } from '../names.ts';
import { settleEvent } from './event-endings.ts';
import { dueHeap } from './event-heap.ts';
import { HeldEvents } from './held-events.ts';
import type { LastResponse } from './invocation-record.ts';
import {
  type AttemptOutcome,
  decideAfterAttempt,
  EVENT_INVOKE_DEFAULTS,
  expiresAt,
  LONG_QUEUE_EVENTS,
  type RetryPolicy,
  STRETCH_MAX,
} from './retry-decision.ts';

/** Payloads up to here live in the event's record; larger ones are written once, as a blob. */
const INLINE_PAYLOAD_MAX_CHARS = 4_096;

/** An accepted event as it is stored. */
interface StoredEvent {
  readonly sequence: number;
  readonly requestId: string;
  /** As the caller qualified it. */
  readonly functionArn: string;
  readonly payload: string | undefined;
  readonly payloadBlobId: string | undefined;
  readonly traceHeader: string | undefined;
  readonly acceptedAt: number;
  nextAttemptAt: number;
  runs: number;
  refusals: number;
  /** What the last attempt came to, unless it is large: for the record, should there be no further one. */
  lastResponse: LastResponse | undefined;
}

const policyOf = (target: ResolvedFunction): RetryPolicy => {
  const config = target.record.eventInvokeConfigs[target.qualifier ?? LATEST];
  return {
    maximumRetryAttempts: config?.maximumRetryAttempts ?? EVENT_INVOKE_DEFAULTS.maximumRetryAttempts,
    maximumEventAgeSeconds: config?.maximumEventAgeSeconds ?? EVENT_INVOKE_DEFAULTS.maximumEventAgeSeconds,
  };
};

/** What one attempt came to. */
interface Attempt {
  readonly outcome: AttemptOutcome;
  readonly response?: LastResponse | undefined;
  /** Of the run, or of the run that was stopped; `undefined` where the event got no further than this queue. */
  readonly traceHeader?: string | undefined;
  readonly wasStoppedBefore?: boolean;
}

const refusedAttempt = (refusal: Refusal): Attempt => {
  const response = responseOfRefusal(refusal);
  if (refusal.kind !== 'recursion') return { outcome: 'refused', response };
  const { traceHeader, wasStoppedBefore } = refusal;
  return { outcome: 'recursion', response, traceHeader, wasStoppedBefore };
};

const throttledResponse = (reason: string): LastResponse => ({
  statusCode: 429,
  executedVersion: LATEST,
  isFunctionError: false,
  payload: JSON.stringify({ Reason: reason, Type: 'User', message: 'Rate Exceeded.' }),
});

const responseOfRefusal = (refusal: Refusal): LastResponse => {
  switch (refusal.kind) {
    case 'throttled':
      return throttledResponse(refusal.reason);
    case 'recursion': {
      const message = 'Lambda stopped the recursive invocation loop.';
      return { statusCode: 400, executedVersion: LATEST, isFunctionError: false, payload: JSON.stringify({ message }) };
    }
    case 'system': {
      const payload = JSON.stringify({ message: refusal.error.message });
      return { statusCode: 500, executedVersion: LATEST, isFunctionError: false, payload };
    }
  }
};

/**
 * Lambda's own queue of asynchronous events: durable from acceptance to ending, one heap for all functions.
 *
 * Nothing is reserved at acceptance. Code, configuration and concurrency are those of the moment of dispatch. An
 * event that was running when the process ended is dispatched again at the next start.
 */
export class EventQueue {
  readonly #environment: ServiceEnvironment;
  readonly #registry: FunctionRegistry;
  readonly #executor: Executor;
  readonly #stored: Collection<StoredEvent>;
  readonly #waiting = dueHeap<StoredEvent>();
  /** Events that are due, and whose function runs as fast as this machine can. */
  readonly #held = new HeldEvents<FunctionSpec, StoredEvent>();
  /** For whom events are about to be let go. */
  readonly #lettingGo = new Set<FunctionSpec>();
  readonly #random: Random;
  /** How many events wait, by the function ARN they were sent to. */
  readonly #waitingCounts = new Map<string, number>();
  #nextSequence = 0;
  #runningCount = 0;
  #timer: Timer | undefined;

  constructor(environment: ServiceEnvironment, registry: FunctionRegistry, executor: Executor) {
    this.#environment = environment;
    this.#registry = registry;
    this.#executor = executor;
    this.#stored = environment.store.collection<StoredEvent>('lambda.events');
    this.#random = environment.random.stream('lambda.events');
    executor.onBegun = (spec) => this.#letGo(spec);
    for (const [, event] of this.#stored.entries()) {
      this.#wait({ ...event });
      this.#nextSequence = Math.max(this.#nextSequence, event.sequence + 1);
    }
  }

  /** Events accepted and not yet ended. */
  get size(): number {
    return this.#waiting.size + this.#held.size + this.#runningCount;
  }

  start(): void {
    this.#arm();
  }

  /** Takes an event over: from here on it is retried, recorded or dead-lettered, but not lost. */
  accept(target: ResolvedFunction, requestId: string, payload: string, traceHeader: string | undefined): void {
    const now = this.#environment.clock.now();
    const sequence = this.#nextSequence++;
    const isInline = payload.length <= INLINE_PAYLOAD_MAX_CHARS;
    const payloadBlobId = isInline ? undefined : `lambda.events/${sequence}-${requestId}`;
    if (payloadBlobId !== undefined) {
      this.#environment.store.blobs.put(payloadBlobId, utf8Bytes(payload));
    }
    const event: StoredEvent = {
      sequence,
      requestId,
      functionArn: qualifiedArn(target.record.arn, target.qualifier),
      payload: isInline ? payload : undefined,
      payloadBlobId,
      // Every attempt belongs to one trace, and so does the record of an event that never ran.
      traceHeader: openTraceHeader(traceHeader, this.#environment.ids, now),
      acceptedAt: now,
      nextAttemptAt: now,
      runs: 0,
      refusals: 0,
      lastResponse: undefined,
    };
    recordMetric(this.#environment.metrics, target.record, target.qualifier, 'AsyncEventsReceived', 1, now);
    this.#enqueue(event);
    this.#arm();
  }

  #enqueue(event: StoredEvent): void {
    this.#stored.put(String(event.sequence), { ...event });
    this.#wait(event);
  }

  #wait(event: StoredEvent): void {
    this.#waiting.push(event);
    this.#countWaiting(event, 1);
  }

  #countWaiting({ functionArn }: StoredEvent, change: 1 | -1): void {
    const count = (this.#waitingCounts.get(functionArn) ?? 0) + change;
    if (count === 0) this.#waitingCounts.delete(functionArn);
    else this.#waitingCounts.set(functionArn, count);
  }

  /** A lone event keeps to the exact steps; many events are spread. */
  #stretchFor(event: StoredEvent): number {
    const isLong = (this.#waitingCounts.get(event.functionArn) ?? 0) >= LONG_QUEUE_EVENTS;
    return isLong ? 1 + this.#random.nextUnit() * (STRETCH_MAX - 1) : 1;
  }

  /** One timer stands for all events: it is due when the first of them is. */
  #arm(): void {
    const at = this.#waiting.peek()?.nextAttemptAt;
    if (at === undefined || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = this.#environment.timers.schedule(at, (now) => {
      this.#timer = undefined;
      this.#dispatchDue(now);
      this.#arm();
    });
  }

  #dispatchDue(now: number): void {
    for (;;) {
      const first = this.#waiting.peek();
      if (first === undefined || first.nextAttemptAt > now) return;
      this.#waiting.pop();
      this.#countWaiting(first, -1);
      this.#dispatch(first, now);
    }
  }

  #dispatch(event: StoredEvent, now: number): void {
    const target = this.#registry.resolveArn(event.functionArn);
    // The function or alias is gone, and with it everything that could say where the event should go.
    if (target === undefined) {
      this.#forget(event);
      return;
    }
    const { record, qualifier } = target;
    if (record.reservedConcurrency === 0) {
      this.#conclude(event, target, { outcome: 'zero-reserved-concurrency' }, now);
      return;
    }
    if (now >= expiresAt(event.acceptedAt, policyOf(target))) {
      this.#conclude(event, target, { outcome: 'refused', response: event.lastResponse }, now);
      return;
    }
    const spec = this.#executor.specOf(target);
    if (this.#executor.isCrowded(spec)) {
      this.#held.add(spec, event);
      this.#countWaiting(event, 1);
      return;
    }
    this.#runningCount += 1;
    const refusal = this.#executor.run(
      {
        target,
        requestId: event.requestId,
        payload: this.#payloadOf(event),
        traceHeader: event.traceHeader,
        isAccepted: true,
      },
      (result) => this.#ended(event, result),
    );
    if (refusal === undefined) {
      recordMetric(
        this.#environment.metrics,
        record,
        qualifier,
        'AsyncEventAge',
        now - event.acceptedAt,
        now,
        'Milliseconds',
      );
      return;
    }
    this.#runningCount -= 1;
    this.#conclude(event, target, refusedAttempt(refusal), now);
  }

  /** Somebody whom events are held for has begun: as many of them as there is room for follow. */
  #letGo(spec: FunctionSpec): void {
    if (!this.#held.has(spec) || this.#lettingGo.has(spec)) return;
    this.#lettingGo.add(spec);
    this.#environment.timers.schedule(this.#environment.clock.now(), (now) => {
      this.#lettingGo.delete(spec);
      while (!this.#executor.isCrowded(spec)) {
        const event = this.#held.take(spec);
        if (event === undefined) return;
        this.#countWaiting(event, -1);
        this.#dispatch(event, now);
      }
    });
  }

  #ended(event: StoredEvent, result: ExecutionResult): void {
    this.#runningCount -= 1;
    // Deleted while it ran: as in dispatch, there is nowhere left to report to.
    const target = this.#registry.resolveArn(event.functionArn);
    if (target === undefined) {
      this.#forget(event);
      return;
    }
    const response: LastResponse = {
      statusCode: 200,
      executedVersion: result.executedVersion,
      isFunctionError: result.isError,
      payload: result.payload,
    };
    const outcome = result.isError ? 'function-error' : 'success';
    const { traceHeader } = result;
    this.#conclude(event, target, { outcome, response, traceHeader }, this.#environment.clock.now());
    this.#arm();
  }

  #conclude(event: StoredEvent, target: ResolvedFunction, attempt: Attempt, now: number): void {
    const { outcome, response, traceHeader = event.traceHeader, wasStoppedBefore = false } = attempt;
    const stretch = outcome === 'refused' ? this.#stretchFor(event) : 1;
    const decision = decideAfterAttempt(outcome, event, policyOf(target), now, stretch);
    if (decision.next === 'wait') {
      event.runs = decision.runs;
      event.refusals = decision.refusals;
      event.nextAttemptAt = decision.nextAttemptAt;
      const isKept = (response?.payload.length ?? 0) <= INLINE_PAYLOAD_MAX_CHARS;
      event.lastResponse = isKept ? response : undefined;
      this.#enqueue(event);
      return;
    }
    const { condition, runs } = decision;
    const { requestId } = event;
    const payload = (): string => this.#payloadOf(event);
    const ended = { requestId, traceHeader, wasStoppedBefore, payload, condition, runs, response };
    settleEvent(this.#environment, target, ended, now);
    this.#forget(event);
  }

  #payloadOf(event: StoredEvent): string {
    if (event.payload !== undefined) return event.payload;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      this.#environment.store.blobs.get(event.payloadBlobId as string),
    );
  }

  #forget(event: StoredEvent): void {
    this.#stored.delete(String(event.sequence));
    if (event.payloadBlobId !== undefined) this.#environment.store.blobs.delete(event.payloadBlobId);
  }
}
