import type { Message } from '@aws-sdk/client-sqs';
import type { Filler } from './fillers.ts';
import {
  type Attributes,
  asPutAside,
  failedInvocationOf,
  ORIGIN,
  parseObject,
  type Stays,
  type StreamEventOf,
  streamBatchEvent,
  type WayBack,
  wayBackOf,
} from './way-back.ts';

/** What can take a message back. */
export type DestinationKind = 'queue' | 'function' | 'topic' | 'bus' | 'stream' | 'state machine';

/** One message as it is sent to where it belongs. */
export interface Delivery {
  readonly kind: DestinationKind;
  readonly arn: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly traceHeader?: string;
  /** 0 to 900; queues only. */
  readonly delaySeconds?: number;
  /** Of the dead letter: what a state machine's execution is named after, so that twice is once. */
  readonly messageId: string;
  readonly because: string;
}

/** A dead letter, and what a redrive would send for it, or why it would stay. */
export interface ChosenLetter {
  readonly message: Message;
  readonly delivery: Delivery | Stays;
}

/** SQS and SNS take no more attributes. */
const ATTRIBUTES_MAX = 10;

/** What the smallest of the limits lets through: topics take 256 KiB. */
const MARKED_BYTES_MAX = 262_144;

/** The attribute that tells a consumer, and a later look, that a message was brought back, and by which job. */
export const MARK = 'holdfast.redrive';

export const destinationKindOf = (arn: string): DestinationKind | undefined => {
  const [, , service, , , resource = ''] = arn.split(':');
  if (service === 'sqs') return 'queue';
  if (service === 'lambda') return 'function';
  if (service === 'sns') return 'topic';
  if (service === 'events' && resource.startsWith('event-bus/')) return 'bus';
  if (service === 'states' && resource === 'stateMachine') return 'state machine';
  if (service === 'kinesis' && resource.startsWith('stream/')) return 'stream';
  return undefined;
};

/** What decides on what is sent for a dead letter. */
export interface DeliveryOptions {
  readonly jobId: string;
  readonly fillers: readonly Filler[];
  /** ARN; without it each message goes back to where it came from. */
  readonly to?: string | undefined;
  /** Reads the records of a failed batch from their stream, as the event that the function gets. */
  readonly streamEventOf?: StreamEventOf | undefined;
  /** An undo: messages are put back into their dead-letter queue, with a note of where they came from. */
  readonly originOf?: ((message: Message) => string | undefined) | undefined;
  /** What the body becomes; `after` is absent where it stays as it is. */
  readonly repair?: ((body: string) => { readonly after?: string } | { readonly error: string }) | undefined;
}

const bytesOf = (body: string, attributes: Attributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
    Buffer.byteLength(body),
  );

/** Marks what has room for it: a tenth attribute or a body at the limit is worth more than our mark. */
const marked = (body: string, attributes: Attributes, jobId: string): Attributes => {
  const { [MARK]: _, ...others } = attributes;
  const after = { ...others, [MARK]: { DataType: 'String', StringValue: jobId } };
  return Object.keys(after).length <= ATTRIBUTES_MAX && bytesOf(body, after) <= MARKED_BYTES_MAX ? after : others;
};

const restored = (attributes: Attributes, origin: string | undefined): Attributes => {
  const { [MARK]: _, ...others } = asPutAside(attributes);
  if (origin === undefined || Object.keys(others).length >= ATTRIBUTES_MAX) return others;
  return { ...others, [ORIGIN]: { DataType: 'String', StringValue: origin } };
};

const attributesOf = (
  message: Message,
  { body, attributes }: WayBack,
  { originOf, jobId }: DeliveryOptions,
): Attributes => (originOf === undefined ? marked(body, attributes, jobId) : restored(attributes, originOf(message)));

const namedByWho = async (message: Message, arn: string, streamEventOf?: StreamEventOf): Promise<WayBack | Stays> => {
  const body = message.Body ?? '';
  const isInvoked = destinationKindOf(arn) === 'function' || destinationKindOf(arn) === 'state machine';
  const event = isInvoked ? await streamBatchEvent(body, streamEventOf) : undefined;
  if (typeof event === 'object') return event;
  if (event !== undefined)
    return { arn, body: event, attributes: {}, because: 'named by --to; with the records of the batch' };
  const invocation = destinationKindOf(arn) === 'function' ? failedInvocationOf(body) : undefined;
  return invocation === undefined
    ? { arn, body, attributes: message.MessageAttributes ?? {}, because: 'named by --to' }
    : { arn, body: invocation.event, attributes: {}, because: 'named by --to; the event that failed' };
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/**
 * What is sent for a dead letter, and where to: back to where it came from, or to the ARN that was named. Body, attributes,
 * group and trace header stay; a target that cannot take it leaves the message where it is, with the reason.
 */
export const deliveryOf = async (message: Message, options: DeliveryOptions): Promise<Delivery | Stays> => {
  const { fillers, to, streamEventOf, repair } = options;
  const found =
    to === undefined ? await wayBackOf(message, fillers, streamEventOf) : await namedByWho(message, to, streamEventOf);
  if ('reason' in found) return found;
  const repaired = repair?.(found.body);
  if (repaired !== undefined && 'error' in repaired) return { reason: `the repair failed: ${repaired.error}` };
  const way = repaired?.after === undefined ? found : { ...found, body: repaired.after };
  const kind = destinationKindOf(way.arn);
  if (kind === undefined)
    return {
      reason: `nothing can be redriven to ${way.arn}: a queue, function, topic, bus, stream or state machine can`,
    };
  if ((kind === 'function' || kind === 'state machine') && !isJson(way.body)) {
    return { reason: `a ${kind} takes JSON alone, and the body is none` };
  }
  if (kind === 'bus') {
    const event = parseObject(way.body);
    if (typeof event?.['source'] !== 'string' || typeof event['detail-type'] !== 'string') {
      return { reason: 'a bus takes events, and the body has no source and detail-type' };
    }
    if (event['source'].startsWith('aws.')) return { reason: 'a bus takes no events whose source begins with aws.' };
  }
  const { MessageGroupId: groupId, AWSTraceHeader: traceHeader } = message.Attributes ?? {};
  const isFifo = way.arn.endsWith('.fifo');
  const takesAttributes = kind === 'queue' || kind === 'topic';
  return {
    kind,
    arn: way.arn,
    body: way.body,
    messageId: message.MessageId ?? '',
    attributes: takesAttributes ? attributesOf(message, way, options) : {},
    because: way.because,
    // Whoever sends the same dead letter twice within five minutes has sent it once.
    ...(isFifo ? { groupId: groupId ?? 'holdfast', deduplicationId: message.MessageId ?? '' } : {}),
    ...(!isFifo && groupId !== undefined && kind === 'queue' ? { groupId } : {}),
    ...(kind === 'stream' ? { groupId: groupId ?? message.MessageId ?? '' } : {}),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
};
