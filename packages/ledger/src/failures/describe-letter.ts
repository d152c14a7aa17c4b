import type { Message } from '@aws-sdk/client-sqs';
import { lastNameIn } from '@holdfast/aws-model';
import type { Filler } from '../fillers.ts';
import { fingerprintOf } from '../fingerprints/fingerprint.ts';
import type { FingerprintOf } from '../fingerprints/remembered.ts';
import { readLetter } from '../reasons/read-letter.ts';
import type { Reason } from '../reasons/reason.ts';
import type { LookedAt } from '../sqs-queue.ts';
import { ORIGIN, objectOf, parseObject } from '../way-back.ts';
import type { Failure, FailurePlace, FailureSource, SourceKind } from './failure.ts';

/** What is known beside the message. */
export interface LetterContext {
  readonly fillers: readonly Filler[];
  /** With the user's own groups; the built-in rules alone unless given. */
  readonly fingerprintOf?: FingerprintOf;
  /** Of a message that does not say itself. */
  readonly reason?: Reason | undefined;
}

/** A failure but for its state, which is its group's. */
export type DescribedFailure = Omit<Failure, 'state'>;

type Known = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** `csv-parser` of a function's ARN, also where it names a version. */
const nameOf = (arn: string): string => {
  const [, , service, , , , name] = arn.split(':');
  return service === 'lambda' ? (name ?? arn) : lastNameIn(arn);
};

/** Texts that most failures have in common, and who gave them up: of a million failures each is held once. */
const SHARED_MAX = 10_000;
const sharedTexts = new Map<string, string>();
const sharedSources = new Map<string, FailureSource>();

const shared = <Value>(known: Map<string, Value>, key: string, make: () => Value): Value => {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= SHARED_MAX) known.clear();
  const made = make();
  known.set(key, made);
  return made;
};

const once = (text: string): string => shared(sharedTexts, text, () => text);

const source = (kind: SourceKind, arn = ''): FailureSource =>
  shared(sharedSources, `${kind} ${arn}`, () => ({ kind, arn, name: nameOf(arn) }));

/** Who gave the event up: what the message says, else who alone fills the queue. */
export const sourceOf = (message: Message, record: Known, fillers: readonly Filler[]): FailureSource => {
  const { Attributes = {}, MessageAttributes = {} } = message;
  const attribute = (name: string): string | undefined => MessageAttributes[name]?.StringValue;
  const context = objectOf(record['requestContext']);
  const queueArn = Attributes.DeadLetterQueueSourceArn ?? attribute(ORIGIN);
  if (queueArn !== undefined) return source(queueArn.includes(':states:') ? 'state machine' : 'queue', queueArn);
  const ruleArn = attribute('RULE_ARN');
  if (ruleArn !== undefined) return source('rule', ruleArn);
  const scheduleArn = attribute('SCHEDULE_ARN');
  if (scheduleArn !== undefined || attribute('TARGET_ARN') !== undefined) {
    return source('schedule', scheduleArn ?? attribute('TARGET_ARN'));
  }
  const batch = objectOf(record['KinesisBatchInfo'] ?? record['DDBStreamBatchInfo']);
  const pipeArn = textOf(objectOf(record['context'])['partnerResourceArn']);
  if (pipeArn !== undefined) return source('pipe', pipeArn);
  const functionArn = textOf(context['functionArn']);
  if (textOf(batch['streamArn']) !== undefined) {
    return { ...source('stream', String(batch['streamArn'])), name: nameOf(functionArn ?? String(batch['streamArn'])) };
  }
  if (functionArn !== undefined) return source('function', functionArn);
  const ofFunctions = fillers.filter(({ from }) => from?.kind === 'function');
  const [only] = ofFunctions;
  if (attribute('RequestID') !== undefined && ofFunctions.length === 1) return source('function', only?.from?.arn);
  const topicArn = record['Type'] === 'Notification' ? textOf(record['TopicArn']) : undefined;
  const subscription = fillers.find(
    ({ from }) => from?.kind === 'subscription' && (topicArn ?? from.topicArn) === from.topicArn,
  );
  if (subscription !== undefined) return source('subscription', topicArn ?? subscription.from?.topicArn);
  return source('unknown');
};

/** Where the message leaves it open whose it is: who its log says, or at least the queue that it lies in. */
const named = (from: FailureSource, place: FailurePlace, reason: Reason | undefined): FailureSource => {
  if (from.kind !== 'unknown') return from;
  if (reason?.functionName !== undefined) {
    return shared(sharedSources, `log ${reason.functionName}`, () => ({
      kind: 'function',
      arn: '',
      name: reason.functionName ?? '',
    }));
  }
  const queueArn = place.kind === 'queue' ? place.arn : place.kind === 'object' ? (place.queueArn ?? '') : '';
  return queueArn === '' ? from : { ...source('unknown', queueArn), arn: '' };
};

const attemptsOf = (message: Message, record: Known): number => {
  const context = { ...objectOf(record['context']), ...objectOf(record['requestContext']) };
  const invokes = context['approximateInvokeCount'];
  if (typeof invokes === 'number') return invokes;
  const retries = Number(message.MessageAttributes?.['RETRY_ATTEMPTS']?.StringValue ?? Number.NaN);
  return Number.isNaN(retries) ? Number(message.Attributes?.ApproximateReceiveCount ?? 0) || 0 : retries + 1;
};

const stackOf = (record: Known): string | undefined => {
  const { stackTrace, trace } = objectOf(record['responsePayload']);
  const lines = stackTrace ?? trace;
  return Array.isArray(lines) ? lines.filter((line) => typeof line === 'string').join('\n') : textOf(lines);
};

/** A function's version as its record names it; `$LATEST` where no version was asked for. */
const versionOf = (record: Known): string | undefined =>
  textOf(objectOf(record['responseContext'])['executedVersion']) ??
  textOf(objectOf(record['requestContext'])['functionArn'])?.split(':')[7];

/** What a record says of its time, where it is one. */
const recordedAt = (record: Known): string | undefined => {
  const at = textOf(record['timestamp']);
  return at !== undefined && /^\d{4}-/.test(at) && !Number.isNaN(Date.parse(at)) ? at : undefined;
};

/** All that a dead letter says of its failure. */
export const describeLetter = (message: LookedAt, place: FailurePlace, context: LetterContext): DescribedFailure => {
  const { Body = '', MessageId = '', Attributes = {}, MessageAttributes = {} } = message;
  const record = parseObject(Body) ?? {};
  const { reason } = context;
  const read = readLetter(message, reason, record);
  const from = named(sourceOf(message, record, context.fillers), place, reason);
  const error = once(read.error);
  const stack = stackOf(record) ?? message.stack ?? reason?.stack;
  const functionVersion = versionOf(record);
  const { AWSTraceHeader: trace, MessageGroupId: groupId } = Attributes;
  return {
    id: place.kind === 'queue' ? `${place.arn.split(':')[5]}/${MessageId}` : MessageId,
    source: from,
    place,
    condition: once(read.condition),
    about: read.about,
    error,
    ...(stack === undefined ? {} : { stack }),
    attempts: attemptsOf(message, record),
    firstSeenAt: read.sentAt,
    lastSeenAt: message.arrivedAt ?? recordedAt(record) ?? read.sentAt,
    ...(message.expiresAt === undefined ? {} : { expiresAt: message.expiresAt }),
    ...(functionVersion === undefined ? {} : { functionVersion }),
    ...(trace === undefined ? {} : { trace }),
    ...(groupId === undefined ? {} : { groupId }),
    body: Body,
    attributes: MessageAttributes,
    fingerprint: (context.fingerprintOf ?? fingerprintOf)({
      sourceName: from.name,
      condition: read.condition,
      error,
      stack,
    }),
  };
};
