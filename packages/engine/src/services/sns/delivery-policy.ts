import { SECOND_MS } from '@holdfast/kernel';
import { isObject } from '../../core/index.ts';

/** How HTTP endpoints are tried again. Delays in seconds. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

const BACKOFF_FUNCTIONS = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;
type BackoffFunction = (typeof BACKOFF_FUNCTIONS)[number];

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

export const DEFAULT_REQUEST_POLICY = { headerContentType: 'text/plain; charset=UTF-8' };

/** A subscription's own policy; what it leaves open comes from its topic. */
export interface SubscriptionPolicy {
  readonly healthyRetryPolicy?: Partial<RetryPolicy> | null;
  readonly throttlePolicy?: { readonly maxReceivesPerSecond: number } | null;
  readonly requestPolicy?: { readonly headerContentType: string } | null;
}

interface TopicHttpPolicy {
  readonly disableSubscriptionOverrides?: boolean;
  readonly defaultHealthyRetryPolicy?: Partial<RetryPolicy> | null;
  readonly defaultThrottlePolicy?: SubscriptionPolicy['throttlePolicy'];
  readonly defaultRequestPolicy?: SubscriptionPolicy['requestPolicy'];
}

/** The policy in force for one subscription. */
export interface HttpDeliveryPolicy {
  readonly healthyRetryPolicy: RetryPolicy;
  readonly throttlePolicy: { readonly maxReceivesPerSecond: number } | null;
  readonly requestPolicy: { readonly headerContentType: string };
}

export const DELAY_MAX_SECONDS = 3_600;
const RETRIES_MAX = 100;

/** A retry's place among `count` of the backoff phase, between 0 (the first, after the least delay) and 1. */
const growthOf = (backoff: BackoffFunction, index: number, count: number): number => {
  if (count < 2) return 0;
  switch (backoff) {
    case 'arithmetic':
      return (index * (index + 1)) / ((count - 1) * count);
    case 'exponential':
      return (2 ** index - 1) / (2 ** (count - 1) - 1);
    default:
      return index / (count - 1);
  }
};

/**
 * The delays before each retry, in milliseconds: without delay, with the least (pre-backoff), growing from the least to
 * the greatest (backoff), with the greatest (post-backoff).
 *
 * AWS names the ends and the functions, not their curves, and adds jitter that is left out here.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export const retryDelaysMs = (policy: RetryPolicy): readonly number[] => {
  const {
    minDelayTarget: min,
    maxDelayTarget: max,
    numNoDelayRetries,
    numMinDelayRetries,
    numMaxDelayRetries,
  } = policy;
  const count = Math.max(0, policy.numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries);
  const grown = Array.from({ length: count }, (_, index) => {
    const growth = growthOf(policy.backoffFunction, index, count);
    return policy.backoffFunction === 'geometric' ? min * (max / min) ** growth : min + (max - min) * growth;
  });
  return [
    ...Array.from({ length: numNoDelayRetries }, () => 0),
    ...Array.from({ length: numMinDelayRetries }, () => min),
    ...grown,
    ...Array.from({ length: numMaxDelayRetries }, () => max),
  ].map((seconds) => Math.round(seconds * SECOND_MS));
};

const isCount = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

/** What is wrong with a retry policy, or `undefined`. */
const retryFault = (given: unknown, name: string): string | undefined => {
  if (given === null || given === undefined) return undefined;
  if (!isObject(given)) return `${name} must be a JSON object`;
  const stray = Object.keys(given).find((member) => !Object.hasOwn(DEFAULT_RETRY_POLICY, member));
  if (stray !== undefined) return `Unknown field ${name}.${stray}`;
  const policy = { ...DEFAULT_RETRY_POLICY, ...given } as RetryPolicy;
  const range = (member: keyof RetryPolicy, min: number, max: number): string | undefined =>
    isCount(policy[member], min, max) ? undefined : `${name}.${member} must be an integer between ${min} and ${max}`;
  const fault =
    range('minDelayTarget', 1, DELAY_MAX_SECONDS) ??
    range('maxDelayTarget', 1, DELAY_MAX_SECONDS) ??
    range('numRetries', 0, RETRIES_MAX) ??
    range('numNoDelayRetries', 0, RETRIES_MAX) ??
    range('numMinDelayRetries', 0, RETRIES_MAX) ??
    range('numMaxDelayRetries', 0, RETRIES_MAX);
  if (fault !== undefined) return fault;
  if (policy.minDelayTarget > policy.maxDelayTarget) {
    return `${name}.maxDelayTarget must be greater than or equal to minDelayTarget`;
  }
  if (!BACKOFF_FUNCTIONS.includes(policy.backoffFunction)) {
    return `${name}.backoffFunction must be one of ${BACKOFF_FUNCTIONS.join(', ')}`;
  }
  if (policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries > policy.numRetries) {
    return `${name}.numRetries must be greater than or equal to the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries`;
  }
  const totalMs = retryDelaysMs(policy).reduce((sum, delayMs) => sum + delayMs, 0);
  return totalMs > DELAY_MAX_SECONDS * SECOND_MS
    ? `${name}: the total retry time must not be greater than ${DELAY_MAX_SECONDS} seconds`
    : undefined;
};

const throttleFault = (given: unknown, name: string): string | undefined => {
  if (given === null || given === undefined) return undefined;
  const { maxReceivesPerSecond, ...stray } = isObject(given) ? given : { maxReceivesPerSecond: undefined };
  if (Object.keys(stray).length > 0) return `Unknown field ${name}.${Object.keys(stray)[0]}`;
  return isCount(maxReceivesPerSecond, 1, Number.MAX_SAFE_INTEGER)
    ? undefined
    : `${name}.maxReceivesPerSecond must be an integer of at least 1`;
};

const CONTENT_TYPE = /^[\w.+*-]+\/[\w.+*-]+(?:\s*;\s*[\w-]+=[\w."-]+)*$/;

const requestFault = (given: unknown, name: string): string | undefined => {
  if (given === null || given === undefined) return undefined;
  const { headerContentType, ...stray } = isObject(given) ? given : { headerContentType: undefined };
  if (Object.keys(stray).length > 0) return `Unknown field ${name}.${Object.keys(stray)[0]}`;
  return typeof headerContentType === 'string' && CONTENT_TYPE.test(headerContentType)
    ? undefined
    : `${name}.headerContentType must be a content type`;
};

/** What is wrong with a subscription's policy, or `undefined`. */
export const subscriptionPolicyFault = (policy: unknown): string | undefined => {
  if (!isObject(policy)) return 'must be a JSON object';
  const { healthyRetryPolicy, sicklyRetryPolicy, throttlePolicy, requestPolicy, guaranteed, ...stray } = policy;
  const [unknown] = Object.keys(stray);
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  // Both were never more than names.
  if (sicklyRetryPolicy !== undefined && sicklyRetryPolicy !== null) return 'sicklyRetryPolicy is not supported';
  if (guaranteed !== undefined && guaranteed !== null && guaranteed !== false) return 'guaranteed must be false';
  return (
    retryFault(healthyRetryPolicy, 'healthyRetryPolicy') ??
    throttleFault(throttlePolicy, 'throttlePolicy') ??
    requestFault(requestPolicy, 'requestPolicy')
  );
};

/** What is wrong with a topic's policy, or `undefined`. */
export const topicPolicyFault = (policy: unknown): string | undefined => {
  if (!isObject(policy)) return 'must be a JSON object';
  const { http, ...stray } = policy;
  const [unknown] = Object.keys(stray);
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  if (http === undefined || http === null) return undefined;
  if (!isObject(http)) return 'http must be a JSON object';
  const { disableSubscriptionOverrides, defaultHealthyRetryPolicy, defaultSicklyRetryPolicy, ...others } = http;
  const { defaultThrottlePolicy, defaultRequestPolicy, ...rest } = others;
  const [unknownHere] = Object.keys(rest);
  if (unknownHere !== undefined) return `Unknown field http.${unknownHere}`;
  if (defaultSicklyRetryPolicy !== undefined && defaultSicklyRetryPolicy !== null) {
    return 'http.defaultSicklyRetryPolicy is not supported';
  }
  if (disableSubscriptionOverrides !== undefined && typeof disableSubscriptionOverrides !== 'boolean') {
    return 'http.disableSubscriptionOverrides must be true or false';
  }
  return (
    retryFault(defaultHealthyRetryPolicy, 'http.defaultHealthyRetryPolicy') ??
    throttleFault(defaultThrottlePolicy, 'http.defaultThrottlePolicy') ??
    requestFault(defaultRequestPolicy, 'http.defaultRequestPolicy')
  );
};

/** The policy in force: the subscription's, where it has one and the topic lets it; else the topic's; else SNS's own. */
export const httpDeliveryPolicy = (
  ofTopic: string | undefined,
  ofSubscription: string | undefined,
): HttpDeliveryPolicy => {
  const topic = ((ofTopic === undefined ? {} : JSON.parse(ofTopic)) as { http?: TopicHttpPolicy | null }).http ?? {};
  const isOwn = ofSubscription !== undefined && topic.disableSubscriptionOverrides !== true;
  const own = (isOwn ? JSON.parse(ofSubscription) : {}) as SubscriptionPolicy;
  return {
    healthyRetryPolicy: {
      ...DEFAULT_RETRY_POLICY,
      ...(own.healthyRetryPolicy ?? topic.defaultHealthyRetryPolicy ?? {}),
    },
    throttlePolicy: own.throttlePolicy ?? topic.defaultThrottlePolicy ?? null,
    requestPolicy: own.requestPolicy ?? topic.defaultRequestPolicy ?? DEFAULT_REQUEST_POLICY,
  };
};

/** A subscription's policies as GetSubscriptionAttributes shows them. */
export const shownPolicies = (
  ofTopic: string | undefined,
  ofSubscription: string | undefined,
): Record<string, string> => {
  const none = { healthyRetryPolicy: null, sicklyRetryPolicy: null, throttlePolicy: null, requestPolicy: null };
  const effective = httpDeliveryPolicy(ofTopic, ofSubscription);
  return {
    ...(ofSubscription === undefined
      ? {}
      : { DeliveryPolicy: JSON.stringify({ ...none, ...JSON.parse(ofSubscription), guaranteed: false }) }),
    EffectiveDeliveryPolicy: JSON.stringify({ ...none, ...effective, guaranteed: false }),
  };
};
