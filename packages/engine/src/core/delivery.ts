import type { ServiceError } from './service-error.ts';

/** Who sends, for resource policies and envelopes. */
export interface Sender {
  /** Service principal (`s3.amazonaws.com`) checked against the target's resource policy; `undefined` when an
   * execution role sends (Lambda destinations), which is allowed by the role and not by the resource. */
  readonly principal?: string | undefined;
  /** The execution role that sends, when there is no principal. */
  readonly roleArn?: string | undefined;
  /** `aws:SourceArn`. */
  readonly sourceArn?: string | undefined;
  /** `aws:SourceAccount`. */
  readonly sourceAccount?: string | undefined;
  readonly traceHeader?: string | undefined;
}

export interface QueueMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, DeliveredAttribute>> | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

export interface DeliveredAttribute {
  /** `String`, `Number`, `Binary`, optionally with `.label`. */
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  readonly binaryValue?: Uint8Array | undefined;
}

export interface TopicMessage {
  readonly message: string;
  readonly subject?: string | undefined;
  readonly attributes?: Readonly<Record<string, DeliveredAttribute>> | undefined;
}

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  /** A JSON object. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[] | undefined;
  readonly account: string;
  readonly region: string;
}

export type DeliveryResult = { readonly ok: true } | { readonly ok: false; readonly error: ServiceError };

/**
 * One service hands something to another, by ARN, within the same turn: when the first answers its caller, the
 * second has taken over durably. A refusal (target missing, policy denies, throttled) comes back as a value; what
 * to do about it is the sender's own retry policy.
 */
export interface Delivery {
  toQueue(queueArn: string, message: QueueMessage, sender: Sender): DeliveryResult;
  toTopic(topicArn: string, message: TopicMessage, sender: Sender): DeliveryResult;
  /** An asynchronous invocation: `ok` means accepted (202). `payload` is JSON text. */
  toFunction(functionArn: string, payload: string, sender: Sender): DeliveryResult;
  /** `busArn` may also be the name of a bus of the event's account and region. */
  toBus(busArn: string, event: BusEvent, sender: Sender): DeliveryResult;
  toBucket(bucketArn: string, key: string, body: Uint8Array, sender: Sender): DeliveryResult;
  /** Whether the target exists, for validation at configuration time. */
  exists(targetArn: string): boolean;
  /** Whether the target's resource policy lets this sender in (service principals), for validation likewise. */
  accepts(targetArn: string, sender: Sender): boolean;
}

/** A service that others can deliver to. */
export interface DeliveryTarget<Message> {
  deliver(targetArn: string, message: Message, sender: Sender): DeliveryResult;
  exists(targetArn: string): boolean;
  accepts(targetArn: string, sender: Sender): boolean;
}
