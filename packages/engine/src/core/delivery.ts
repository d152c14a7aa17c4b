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
  /** `message` is JSON with a text per protocol and a `default`, as with MessageStructure `json`. */
  readonly isPerProtocol?: boolean | undefined;
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

export interface BucketObject {
  readonly key: string;
  readonly body: Uint8Array;
}

export interface StreamRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

export interface ExecutionStart {
  /** JSON text. */
  readonly input: string;
  /** A name is made when there is none. */
  readonly name?: string | undefined;
}

/** What is delivered, by kind of target. */
export interface Deliverables {
  readonly queue: QueueMessage;
  readonly topic: TopicMessage;
  /** An asynchronous invocation: `ok` means accepted (202). JSON text. */
  readonly function: string;
  /** The target may also be the name of a bus of the event's account and region. */
  readonly bus: BusEvent;
  readonly bucket: BucketObject;
  readonly stream: StreamRecord;
  readonly stateMachine: ExecutionStart;
}

export type TargetKind = keyof Deliverables;

/**
 * One service hands something to another, by ARN, within the same turn: when the first answers its caller, the
 * second has taken over durably. A refusal (target missing, policy denies, throttled) comes back as a value; what
 * to do about it is the sender's own retry policy.
 */
export interface Delivery {
  to<Kind extends TargetKind>(
    kind: Kind,
    targetArn: string,
    message: Deliverables[Kind],
    sender: Sender,
  ): DeliveryResult;
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

export type DeliveryTargets = { readonly [Kind in TargetKind]?: DeliveryTarget<Deliverables[Kind]> };
