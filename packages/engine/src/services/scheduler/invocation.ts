import { assumedRoleArn } from '@holdfast/aws-model';
import { type EpochMs, type Random, SECOND_MS } from '@holdfast/kernel';
import { backoffDelayMs } from '@holdfast/retry';
import {
  ApiInputError,
  type Collection,
  type DeliveredAttribute,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
  TARGET_RETRY_BACKOFF,
} from '../../core/index.ts';
import type { GroupMetrics } from './metrics.ts';
import type { StoredTarget } from './stored.ts';
import { callOf } from './target.ts';

/** A run of a schedule that its target has not taken over yet. */
export interface PendingInvocation {
  readonly account: string;
  readonly region: string;
  readonly groupName: string;
  readonly scheduleArn: string;
  readonly target: StoredTarget;
  readonly executionId: string;
  readonly scheduledAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Attempts made so far. */
  readonly attempts: number;
  readonly nextAttemptAt: EpochMs;
  readonly lastFailure?: Failure | undefined;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly isThrottle: boolean;
}

type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

const text = (stringValue: string): DeliveredAttribute => ({ dataType: 'String', stringValue });

const secondsText = (at: EpochMs): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

const failureOf = (thrown: unknown): Failure => {
  if (thrown instanceof ServiceError) {
    const { code, message, status } = thrown;
    return { code, message, isThrottle: status === 429 || /Throttl|TooManyRequests/.test(code) };
  }
  if (thrown instanceof ApiInputError || thrown instanceof SyntaxError) {
    return { code: 'ValidationException', message: thrown.message, isThrottle: false };
  }
  throw thrown;
};

/** What a target without input gets. */
const defaultInput = ({ account, region, scheduleArn, executionId, scheduledAt }: PendingInvocation): string =>
  JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: secondsText(scheduledAt),
    region,
    resources: [scheduleArn],
    detail: '{}',
  });

/** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
const inputOf = (pending: PendingInvocation): string => {
  const { target, scheduleArn, scheduledAt, executionId, attempts } = pending;
  if (target.input === undefined) return target.arn.includes(':::aws-sdk:') ? '' : defaultInput(pending);
  return target.input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', secondsText(scheduledAt))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempts + 1));
};

/**
 * Calls targets: at once, and again with backoff until retries or age are used up; then the dead-letter queue has the
 * input, or nobody. Every failure is worth another attempt here: AWS documents no exception.
 *
 * What is under way is stored before the call, so a process that ends in between calls again: at least once.
 */
export class Invocations {
  readonly #environment: ServiceEnvironment;
  readonly #metrics: GroupMetrics;
  readonly #random: Random;
  readonly #pending: Collection<PendingInvocation>;

  constructor(environment: ServiceEnvironment, metrics: GroupMetrics) {
    this.#environment = environment;
    this.#metrics = metrics;
    this.#random = environment.random.stream('scheduler');
    this.#pending = environment.store.collection('scheduler.invocations');
  }

  /** Takes up what waited or was under way when the process ended. */
  start(): void {
    for (const [id, pending] of [...this.#pending.entries()]) this.#schedule(id, pending);
  }

  begin(run: Pick<PendingInvocation, 'account' | 'region' | 'groupName' | 'scheduleArn' | 'target' | 'scheduledAt'>) {
    const now = this.#environment.clock.now();
    const pending: PendingInvocation = {
      ...run,
      executionId: this.#environment.ids.hex(16),
      expiresAt: now + run.target.maximumEventAgeSeconds * SECOND_MS,
      attempts: 0,
      nextAttemptAt: now,
    };
    const id = this.#environment.ids.uuid();
    this.#pending.put(id, pending);
    this.#attempt(id, pending, now);
  }

  #schedule(id: string, pending: PendingInvocation): void {
    this.#environment.timers.schedule(pending.nextAttemptAt, (now) => this.#attempt(id, pending, now));
  }

  #attempt(id: string, pending: PendingInvocation, now: EpochMs): void {
    if (pending.attempts > 0 && now >= pending.expiresAt) {
      this.#giveUp(id, pending, 'MaximumEventAgeInSeconds', now);
      return;
    }
    this.#metrics.count(pending, 'InvocationAttemptCount', now);
    try {
      const { serviceId, action, input } = callOf(pending.target, inputOf(pending));
      const answer = this.#environment.api.call(serviceId, action, input, this.#contextOf(pending, now));
      if (!(answer instanceof Promise)) this.#taken(id, pending, answer);
      else {
        answer.then(
          (output) => this.#taken(id, pending, output),
          (error: unknown) => this.#refused(id, pending, error),
        );
      }
    } catch (error) {
      this.#refused(id, pending, error);
    }
  }

  #contextOf({ account, region, target }: PendingInvocation, now: EpochMs): RequestContext {
    const role = target.roleArn.slice(target.roleArn.lastIndexOf('/') + 1);
    const requestId = this.#environment.ids.uuid();
    return { account, region, requestId, now, callerArn: assumedRoleArn(account, role, requestId) };
  }

  /** PutEvents answers refused entries with success. */
  #taken(id: string, pending: PendingInvocation, output: unknown): void {
    const [entry] = (output as { Entries?: { ErrorCode?: string; ErrorMessage?: string }[] }).Entries ?? [];
    if (entry?.ErrorCode === undefined) this.#pending.delete(id);
    else this.#refused(id, pending, new ServiceError(entry.ErrorCode, entry.ErrorMessage ?? entry.ErrorCode));
  }

  #refused(id: string, pending: PendingInvocation, thrown: unknown): void {
    const now = this.#environment.clock.now();
    const failure = failureOf(thrown);
    this.#metrics.count(pending, failure.isThrottle ? 'TargetErrorThrottledCount' : 'TargetErrorCount', now);
    const attempts = pending.attempts + 1;
    const failed: PendingInvocation = { ...pending, attempts, lastFailure: failure };
    if (attempts > pending.target.maximumRetryAttempts) {
      this.#giveUp(id, failed, 'MaximumRetryAttempts', now);
      return;
    }
    const delayMs = backoffDelayMs(TARGET_RETRY_BACKOFF, attempts, this.#random);
    const waiting = { ...failed, nextAttemptAt: Math.min(Math.ceil(now + delayMs), pending.expiresAt) };
    this.#pending.put(id, waiting);
    this.#schedule(id, waiting);
  }

  /** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
  #giveUp(id: string, pending: PendingInvocation, exhausted: Exhausted, now: EpochMs): void {
    this.#pending.delete(id);
    this.#metrics.count(pending, 'InvocationDroppedCount', now);
    const { target, scheduleArn, executionId, scheduledAt, attempts, account } = pending;
    if (target.deadLetterArn === undefined) return;
    const result = this.#environment.deliver.to(
      'queue',
      target.deadLetterArn,
      {
        body: inputOf({ ...pending, attempts: attempts - 1 }),
        attributes: {
          ERROR_CODE: text(pending.lastFailure?.code ?? 'InternalError'),
          ERROR_MESSAGE: text(pending.lastFailure?.message ?? ''),
          EXECUTION_ID: text(executionId),
          EXHAUSTED_RETRY_CONDITION: text(exhausted),
          IS_PAYLOAD_TRUNCATED: text('false'),
          RETRY_ATTEMPTS: text(String(attempts - 1)),
          SCHEDULED_TIME: text(secondsText(scheduledAt)),
          SCHEDULE_ARN: text(scheduleArn),
          TARGET_ARN: text(target.arn),
        },
      },
      { roleArn: target.roleArn, sourceArn: scheduleArn, sourceAccount: account },
    );
    this.#metrics.count(
      pending,
      result.ok ? 'InvocationsSentToDeadLetterCount' : 'InvocationsFailedToBeSentToDeadLetterCount',
      now,
    );
  }
}
