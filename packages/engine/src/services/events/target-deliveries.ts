import { parseArn } from '@holdfast/aws-model';
import { type EpochMs, type Random, SECOND_MS } from '@holdfast/kernel';
import { backoffDelayMs } from '@holdfast/retry';
import {
  type Collection,
  type DeliveredAttribute,
  parsePath,
  type ServiceEnvironment,
  type ServiceError,
  TARGET_RETRY_BACKOFF,
  TARGET_RETRY_DEFAULTS,
  valueAt,
} from '../../core/index.ts';
import type { ApiDestinationSender } from './api-destination-sender.ts';
import { classifyFailure, type DeliveryFailure } from './delivery-failure.ts';
import type { EventEnvelope } from './envelope.ts';
import { isJsonTemplate, renderInput } from './input-transformer.ts';
import type { StoredTarget, TargetHttpParameters } from './rule.ts';
import type { RuleMetrics, RuleRef } from './rule-metrics.ts';
import type { Invocation, TargetSender } from './target-sender.ts';

/** What an event needs to get from one bus to another; keeps buses in a circle from standing still in time. */
export const BUS_HOP_MS = 10;

/** A delivery that is under way: stored until the target has taken over or the event is given up. */
export interface PendingDelivery {
  readonly invocation: Invocation;
  /** The event as it was, for the dead-letter queue. */
  readonly event: EventEnvelope;
  readonly deadLetterArn?: string | undefined;
  readonly maximumRetryAttempts: number;
  readonly expiresAt: EpochMs;
  /** Attempts made so far. */
  readonly attempts: number;
  readonly nextAttemptAt: EpochMs;
  readonly ingestedAt: EpochMs;
  readonly lastFailure?: DeliveryFailure | undefined;
  /** The next attempt has its place within the limit of its API destination. */
  readonly isAdmitted?: boolean | undefined;
}

type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

const RATE_EXCEEDED: DeliveryFailure = {
  code: 'THROTTLING',
  message: "The invocation rate limit of the API destination left no place within the event's maximum age.",
  isRetryable: true,
};

const failureOf = (error: ServiceError): DeliveryFailure =>
  error.code === 'InvalidJson'
    ? { code: 'INVALID_JSON', message: error.message, isRetryable: false }
    : classifyFailure(error);

const isOfEvents = (arn: string, kind: string): boolean => {
  const parsed = parseArn(arn);
  return parsed?.service === 'events' && parsed.resource.startsWith(kind);
};

const isBus = (arn: string): boolean => isOfEvents(arn, 'event-bus/');
const isApiDestination = (arn: string): boolean => isOfEvents(arn, 'api-destination/');

/** A value that is a path stands for what the event has there. */
const filled = (value: string, event: EventEnvelope): string => {
  if (!value.startsWith('$.') || parsePath(value) === undefined) return value;
  const found = valueAt(event, value);
  return typeof found === 'string' ? found : found === undefined ? '' : JSON.stringify(found);
};

const filledIn = ({ pathValues, headers, query }: TargetHttpParameters, event: EventEnvelope): TargetHttpParameters => {
  const all = (values: Readonly<Record<string, string>> | undefined) =>
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, filled(value, event)]));
  return { pathValues: pathValues?.map((value) => filled(value, event)), headers: all(headers), query: all(query) };
};

/** By default an event's id spreads records over shards. */
const partitionKeyOf = ({ arn, partitionKeyPath }: StoredTarget, event: EventEnvelope): string | undefined =>
  parseArn(arn)?.service !== 'kinesis' ? undefined : filled(partitionKeyPath ?? '$.id', event);

const text = (stringValue: string): DeliveredAttribute => ({ dataType: 'String', stringValue });

/**
 * Brings events to targets: at once, and again with backoff while a refusal is worth it, until retries or age are
 * used up; then to the dead-letter queue, or nowhere.
 *
 * A delivery that succeeds at once is never stored; one that waits is, so a restart goes on where it was.
 */
export class TargetDeliveries {
  readonly #environment: ServiceEnvironment;
  readonly #sender: TargetSender;
  readonly #apiDestinations: ApiDestinationSender;
  readonly #metrics: RuleMetrics;
  readonly #random: Random;
  readonly #pending: Collection<PendingDelivery>;

  constructor(
    environment: ServiceEnvironment,
    sender: TargetSender,
    apiDestinations: ApiDestinationSender,
    metrics: RuleMetrics,
  ) {
    this.#environment = environment;
    this.#sender = sender;
    this.#apiDestinations = apiDestinations;
    this.#metrics = metrics;
    this.#random = environment.random.stream('events');
    this.#pending = environment.store.collection('events.deliveries');
  }

  /** Takes up what waited when the process ended. */
  start(): void {
    for (const [id, pending] of [...this.#pending.entries()]) this.#schedule(id, pending);
  }

  /** Gives an event to a target of a rule. */
  dispatch(
    rule: RuleRef,
    target: StoredTarget,
    event: EventEnvelope,
    ingestedAt: EpochMs,
    traceHeader?: string | undefined,
  ): void {
    const { ruleArn, ruleName } = rule;
    const maximumAgeSeconds = target.maximumEventAgeSeconds ?? TARGET_RETRY_DEFAULTS.maximumEventAgeSeconds;
    const pending: PendingDelivery = {
      invocation: {
        rule,
        targetArn: target.arn,
        roleArn: target.roleArn,
        messageGroupId: target.messageGroupId,
        partitionKey: partitionKeyOf(target, event),
        executionName:
          parseArn(target.arn)?.service === 'states' ? `${event.id}_${this.#environment.ids.uuid()}` : undefined,
        http: target.http === undefined ? undefined : filledIn(target.http, event),
        payload: renderInput(target, event, { ruleArn, ruleName, ingestedAt }),
        isFromJsonTemplate: target.transformer === undefined ? undefined : isJsonTemplate(target.transformer.template),
        traceHeader,
      },
      event,
      deadLetterArn: target.deadLetterArn,
      maximumRetryAttempts: target.maximumRetryAttempts ?? TARGET_RETRY_DEFAULTS.maximumRetryAttempts,
      expiresAt: ingestedAt + maximumAgeSeconds * SECOND_MS,
      attempts: 0,
      nextAttemptAt: ingestedAt,
      ingestedAt,
    };
    this.#metrics.count(rule, 'Invocations', ingestedAt);
    if (isBus(target.arn)) {
      this.#wait({ ...pending, nextAttemptAt: ingestedAt + BUS_HOP_MS });
    } else {
      this.#attempt(undefined, pending, ingestedAt);
    }
  }

  #wait(pending: PendingDelivery, id = this.#environment.ids.uuid()): void {
    this.#pending.put(id, pending);
    this.#schedule(id, pending);
  }

  #schedule(id: string, pending: PendingDelivery): void {
    this.#environment.timers.schedule(pending.nextAttemptAt, (now) => this.#attempt(id, pending, now));
  }

  #attempt(id: string | undefined, pending: PendingDelivery, now: EpochMs): void {
    const { rule } = pending.invocation;
    const hasWaited = pending.attempts > 0 || pending.isAdmitted === true;
    if (hasWaited && now >= pending.expiresAt) {
      this.#giveUp(pending, pending.lastFailure ?? RATE_EXCEEDED, 'MaximumEventAgeInSeconds', now);
      if (id !== undefined) this.#pending.delete(id);
      return;
    }
    if (isApiDestination(pending.invocation.targetArn) && pending.isAdmitted !== true) {
      const nextAttemptAt = this.#apiDestinations.slotFor(pending.invocation.targetArn, now);
      this.#wait({ ...pending, isAdmitted: true, nextAttemptAt }, id);
      return;
    }
    this.#metrics.count(rule, 'InvocationAttempts', now);
    if (pending.attempts > 0) this.#metrics.count(rule, 'RetryInvocationAttempts', now);
    else this.#metrics.latency(rule, now - pending.ingestedAt, now);
    if (isApiDestination(pending.invocation.targetArn)) {
      this.#apiDestinations.send(pending.invocation, (failure) =>
        this.#settle(id, pending, failure, this.#environment.clock.now()),
      );
      return;
    }
    const result = this.#sender.send(pending.invocation);
    this.#settle(id, pending, result.ok ? undefined : failureOf(result.error), now);
  }

  #settle(id: string | undefined, pending: PendingDelivery, failure: DeliveryFailure | undefined, now: EpochMs): void {
    if (failure === undefined) {
      this.#metrics.count(pending.invocation.rule, 'SuccessfulInvocationAttempts', now);
      if (id !== undefined) this.#pending.delete(id);
      return;
    }
    const attempts = pending.attempts + 1;
    if (!failure.isRetryable || attempts > pending.maximumRetryAttempts) {
      const failed = { ...pending, attempts };
      this.#giveUp(failed, failure, failure.isRetryable ? 'MaximumRetryAttempts' : undefined, now);
      if (id !== undefined) this.#pending.delete(id);
      return;
    }
    const backoffMs = backoffDelayMs(TARGET_RETRY_BACKOFF, attempts, this.#random);
    const delayMs = Math.max(backoffMs, failure.retryAfterMs ?? 0);
    const nextAttemptAt = Math.min(Math.ceil(now + delayMs), pending.expiresAt);
    this.#wait({ ...pending, attempts, nextAttemptAt, lastFailure: failure, isAdmitted: undefined }, id);
  }

  #giveUp(pending: PendingDelivery, failure: DeliveryFailure, exhausted: Exhausted | undefined, now: EpochMs): void {
    const { rule, targetArn } = pending.invocation;
    this.#metrics.count(rule, 'FailedInvocations', now);
    if (pending.deadLetterArn === undefined) return;
    const result = this.#environment.deliver.to(
      'queue',
      pending.deadLetterArn,
      {
        body: JSON.stringify(pending.event),
        attributes: {
          RULE_ARN: text(rule.ruleArn),
          TARGET_ARN: text(targetArn),
          ERROR_CODE: text(failure.code),
          ERROR_MESSAGE: text(failure.message),
          RETRY_ATTEMPTS: text(String(Math.max(0, pending.attempts - 1))),
          ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: text(exhausted) }),
        },
      },
      { principal: 'events.amazonaws.com', sourceArn: rule.ruleArn, sourceAccount: rule.account },
    );
    this.#metrics.count(rule, result.ok ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq', now);
  }
}
