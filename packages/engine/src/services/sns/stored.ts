import type { EpochMs } from '@holdfast/kernel';

/** What outlives the process: plain JSON, one row per topic, subscription, waiting delivery and captured mail. */

export interface StoredTopic {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: EpochMs;
  /** As set by the caller; what was never set is absent. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly subscriptionsDeleted: number;
}

export interface StoredSubscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Account that subscribed. */
  readonly owner: string;
  readonly principalArn: string;
  readonly createdAt: EpochMs;
  readonly attributes: Readonly<Record<string, string>>;
  /** While the endpoint has not confirmed; it gets no messages until then. */
  readonly confirmationToken?: string | undefined;
  /** The token that it was confirmed with: who follows the link again is told the same. */
  readonly confirmedToken?: string | undefined;
  /** Confirmed by a request without a signature. */
  readonly isConfirmedByAnyone?: boolean | undefined;
  /** Only signed requests end it. */
  readonly authenticatesOnUnsubscribe?: boolean | undefined;
}

export const PROTOCOLS = ['sqs', 'lambda', 'email', 'email-json', 'http', 'https'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A message attribute; binary values in base64. */
export interface StoredAttribute {
  readonly type: string;
  readonly value: string;
}

/** A message as published, once for all subscriptions. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly at: EpochMs;
  readonly subject?: string | undefined;
  /** What an endpoint gets when nothing is said for its protocol. */
  readonly message: string;
  /** With `MessageStructure=json`: texts by protocol. */
  readonly perProtocol?: Readonly<Record<string, string>> | undefined;
  readonly attributes: Readonly<Record<string, StoredAttribute>>;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  /** FIFO topics only. */
  readonly sequenceNumber?: string | undefined;
  readonly traceHeader?: string | undefined;
}
