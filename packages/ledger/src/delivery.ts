import type { Message } from '@aws-sdk/client-sqs';
import type { Filler } from './fillers.ts';
import { type Attributes, failedInvocationOf, parseObject, type Stays, type WayBack, wayBackOf } from './way-back.ts';

/** What can take a message back. */
export type DestinationKind = 'queue' | 'function' | 'topic' | 'bus' | 'stream';

/** One message as it is sent to where it belongs. */
export interface Delivery {
  readonly kind: DestinationKind;
  readonly arn: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly traceHeader?: string;
  readonly because: string;
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
  if (service === 'kinesis' && resource.startsWith('stream/')) return 'stream';
  return undefined;
};

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

const namedByWho = (message: Message, arn: string): WayBack => {
  const body = message.Body ?? '';
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
export const deliveryOf = (
  message: Message,
  {
    fillers,
    to,
    jobId,
  }: { readonly fillers: readonly Filler[]; readonly to?: string | undefined; readonly jobId: string },
): Delivery | Stays => {
  const way = to === undefined ? wayBackOf(message, fillers) : namedByWho(message, to);
  if ('reason' in way) return way;
  const kind = destinationKindOf(way.arn);
  if (kind === undefined)
    return { reason: `nothing can be redriven to ${way.arn}: a queue, function, topic, bus or stream can` };
  if (kind === 'function' && !isJson(way.body)) return { reason: 'a function takes JSON alone, and the body is none' };
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
    attributes: takesAttributes ? marked(way.body, way.attributes, jobId) : {},
    because: way.because,
    // Whoever sends the same dead letter twice within five minutes has sent it once.
    ...(isFifo ? { groupId: groupId ?? 'holdfast', deduplicationId: message.MessageId ?? '' } : {}),
    ...(!isFifo && groupId !== undefined && kind === 'queue' ? { groupId } : {}),
    ...(kind === 'stream' ? { groupId: groupId ?? message.MessageId ?? '' } : {}),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
};
