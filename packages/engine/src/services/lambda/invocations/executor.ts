import { type Random, utf8Length } from '@holdfast/kernel';
import { type FunctionSpec, type RuntimeOutcome, type ServiceEnvironment, ServiceError } from '../../../core/index.ts';
import type { ThrottleReason } from '../errors.ts';
import { versionForRun } from '../functions/alias-routing.ts';
import type { FunctionRecord } from '../functions/function-record.ts';
import type { ResolvedFunction } from '../functions/function-registry.ts';
import { qualifiedArn } from '../names.ts';
import type { ConcurrencyLedger, Slot } from './concurrency.ts';
import { environmentKeyRefusal } from './environment-key.ts';
import { recordConcurrency, recordMetric } from './function-metrics.ts';
import type { FunctionSpecs } from './function-specs.ts';
import { FunctionTrace } from './function-trace.ts';
import { jsonLogLines } from './json-log-lines.ts';
import { LogTail, textLogLines } from './log-lines.ts';
import { markOf, RECURSION_MAX, timesInLineage, withLineage } from './trace-header.ts';

/** Response that a function may give: 6 MB and 100 bytes, as AWS's own message says. */
export const RESPONSE_MAX_BYTES = 6_291_556;

export interface ExecutionRequest {
  readonly target: ResolvedFunction;
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly traceHeader: string | undefined;
  /** Headers of messages that the run is about, for the links of its trace. */
  readonly traceLinks?: readonly string[] | undefined;
  /** Decoded JSON text; synchronous invocations only. */
  readonly clientContext?: string | undefined;
  readonly wantsLogTail?: boolean | undefined;
  /** Whether a caller is held until it is over. */
  readonly isAwaited?: boolean | undefined;
  /** An event that was accepted before: the limits on requests per second were its acceptance's business. */
  readonly isAccepted?: boolean | undefined;
}

/** How one run of a function ended, as its caller sees it. */
export interface ExecutionResult {
  readonly isError: boolean;
  /** JSON text: result or error. */
  readonly payload: string;
  readonly executedVersion: string;
  /** As the function saw it, this run counted: what is sent on because of the run carries it. */
  readonly traceHeader: string;
  /** Base64; only when asked for. */
  readonly logTail: string | undefined;
}

/** Why a run did not begin. */
export type Refusal =
  | { readonly kind: 'throttled'; readonly reason: ThrottleReason }
  | {
      readonly kind: 'recursion';
      /** The run that did not happen counted: whoever meets it again knows that it was stopped before. */
      readonly traceHeader: string;
      readonly wasStoppedBefore: boolean;
    }
  | { readonly kind: 'system'; readonly error: ServiceError };

const bounded = (outcome: RuntimeOutcome): RuntimeOutcome => {
  const { payload } = outcome;
  // One UTF-16 unit is at most three bytes: short texts need no counting.
  if (payload.length * 3 <= RESPONSE_MAX_BYTES || utf8Length(payload) <= RESPONSE_MAX_BYTES) return outcome;
  const errorType = 'Function.ResponseSizeTooLarge';
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_MAX_BYTES} bytes).`;
  return { ...outcome, kind: 'error', errorType, payload: JSON.stringify({ errorMessage, errorType }) };
};

/**
 * Runs functions: takes a place, hands over to the runtime, writes the log lines and metrics of the run, gives the
 * place back. Synchronous calls, the event queue and the pollers all come through here.
 */
export class Executor {
  readonly #environment: ServiceEnvironment;
  readonly #ledger: ConcurrencyLedger;
  readonly #specs: FunctionSpecs;
  readonly #random: Random;
  readonly #marks = new WeakMap<FunctionRecord, string>();
  /** A run with this spec has begun: there is room for another. */
  onBegun: ((spec: FunctionSpec) => void) | undefined;

  constructor(environment: ServiceEnvironment, ledger: ConcurrencyLedger, specs: FunctionSpecs) {
    this.#specs = specs;
    this.#environment = environment;
    this.#ledger = ledger;
    this.#random = environment.random.stream('lambda.aliases');
  }

  /** What an accepted event of a function would run with. */
  specOf({ record, version }: ResolvedFunction): FunctionSpec {
    return this.#specs.of(record, version);
  }

  /** Whether so many wait for this machine that accepted events had better not join them until one of them begins. */
  isCrowded(spec: FunctionSpec): boolean {
    return this.#environment.runtime.isCrowded?.(spec) === true;
  }

  /**
   * Starts a run now, or says why not. `onDone` is called exactly once when `undefined` is returned, and never
   * otherwise; it may be called before this returns.
   */
  run(request: ExecutionRequest, onDone: (result: ExecutionResult) => void): Refusal | undefined {
    const { record, qualifier } = request.target;
    const startedAt = this.#environment.clock.now();
    const mark = this.#markOf(record);
    const times = timesInLineage(request.traceHeader, mark);
    if (record.recursiveLoop === 'Terminate' && times >= RECURSION_MAX) {
      recordMetric(this.#environment.metrics, record, qualifier, 'RecursiveInvocationsDropped', 1, startedAt);
      const traceHeader = withLineage(request.traceHeader ?? '', mark);
      return { kind: 'recursion', traceHeader, wasStoppedBefore: times > RECURSION_MAX };
    }
    const choice = versionForRun(request.target, this.#random);
    const slot = this.#ledger.acquire(record, choice.version.version, startedAt, request.isAccepted !== true);
    if (typeof slot === 'string') {
      recordMetric(this.#environment.metrics, record, qualifier, 'Throttles', 1, startedAt);
      return { kind: 'throttled', reason: slot };
    }
    const error = environmentKeyRefusal(this.#environment, record, choice.version);
    if (error !== undefined) {
      slot.release();
      return { kind: 'system', error };
    }
    const trace = new FunctionTrace(this.#environment, {
      record,
      version: choice.version,
      qualifier,
      requestId: request.requestId,
      startedAt,
      given: request.traceHeader,
      links: request.traceLinks ?? [],
    });
    return this.#start(request, choice, slot, startedAt, trace, withLineage(trace.header, mark), onDone);
  }

  #start(
    request: ExecutionRequest,
    { version, isDrawn }: ReturnType<typeof versionForRun>,
    slot: Slot,
    startedAt: number,
    trace: FunctionTrace,
    traceHeader: string,
    onDone: (result: ExecutionResult) => void,
  ): Refusal | undefined {
    const { runtime, metrics, logs, clock } = this.#environment;
    const { record, qualifier } = request.target;
    const spec = this.#specs.of(record, version, slot.provisioned !== undefined);
    const count = (name: 'Invocations' | 'Errors' | 'Duration', value: number, unit: 'Count' | 'Milliseconds'): void =>
      recordMetric(metrics, record, qualifier, name, value, startedAt, unit, isDrawn ? version.version : undefined);
    const run = { requestId: request.requestId, spec, invokedFunctionArn: qualifiedArn(record.arn, qualifier) };
    const lines = version.jsonLogging === undefined ? textLogLines(run) : jsonLogLines(run, version.jsonLogging);
    const tail = request.wantsLogTail === true ? new LogTail() : undefined;
    let stream: string | undefined;
    /** Events that are written with those that come next. */
    let held: { readonly at: number; readonly message: string }[] = [];
    const write = (at: number, messages: readonly string[], isFollowed = false): void => {
      if (tail !== undefined) for (const message of messages) tail.add(message);
      append(at, messages, isFollowed);
    };
    const append = (at: number, messages: readonly string[], isFollowed: boolean): void => {
      for (const message of messages) held.push({ at, message });
      if (isFollowed || stream === undefined || held.length === 0) return;
      logs.append({ account: record.account, region: record.region, group: version.logGroup, stream }, held);
      held = [];
    };
    let isOver = false;
    try {
      runtime.invoke({
        ...run,
        payload: request.payload,
        traceHeader,
        clientContext: request.clientContext,
        isAwaited: request.isAwaited,
        startedAt,
        onStart: ({ logStream, coldStart, at, since = at, isFollowed }) => {
          stream = logStream;
          this.onBegun?.(spec);
          trace.started(since);
          // The start of an environment is in its log, but not in the tail that a caller gets.
          if (coldStart) append(at, lines.initStart(at), true);
          write(at, lines.start(at), isFollowed);
        },
        onLog: (message) => write(clock.now(), lines.application(message.endsWith('\n') ? message : `${message}\n`)),
        onDone: (raw) => {
          if (isOver) return;
          isOver = true;
          const outcome = bounded(raw);
          const endedAt = clock.now();
          write(endedAt, lines.closing(endedAt, outcome));
          slot.release();
          trace.ended(outcome);
          count('Duration', outcome.durationMs, 'Milliseconds');
          count('Errors', outcome.kind === 'success' ? 0 : 1, 'Count');
          onDone({
            isError: outcome.kind !== 'success',
            payload: outcome.payload,
            executedVersion: version.version,
            traceHeader,
            logTail: tail?.toBase64(),
          });
        },
      });
    } catch (cause) {
      if (isOver) throw cause;
      isOver = true;
      slot.release();
      const text = cause instanceof Error ? cause.message : String(cause);
      return { kind: 'system', error: new ServiceError('ServiceException', text, 500, { Type: 'Service' }) };
    }
    count('Invocations', 1, 'Count');
    recordConcurrency(metrics, record, qualifier, slot, startedAt);
    return undefined;
  }

  #markOf(record: FunctionRecord): string {
    let mark = this.#marks.get(record);
    if (mark === undefined) {
      mark = markOf(this.#environment.digest, record.arn);
      this.#marks.set(record, mark);
    }
    return mark;
  }
}
