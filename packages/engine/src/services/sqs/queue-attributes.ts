import { memberOf, utf8Length } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import {
  parseRedriveAllowPolicy,
  parseRedrivePolicy,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from './redrive-policy.ts';

/** Attributes as callers set and read them: strings. */
export type AttributeMap = Readonly<Record<string, string>>;

/** The attributes resolved to what the queue computes with. */
export interface QueueSettings {
  readonly isFifo: boolean;
  readonly delayMs: number;
  readonly maxMessageBytes: number;
  readonly retentionMs: number;
  readonly receiveWaitMs: number;
  readonly visibilityTimeoutMs: number;
  readonly redrive: RedrivePolicy | undefined;
  readonly redriveAllow: RedriveAllowPolicy | undefined;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationPerGroup: boolean;
  readonly policy: string | undefined;
}

/** The largest message and the largest batch; AWS raised it from 256 KiB in August 2025. */
export const MESSAGE_BYTES_MAX = 1_048_576;
export const POLICY_BYTES_MAX = 8_192;
export const POLICY_STATEMENTS_MAX = 20;
export const POLICY_PRINCIPALS_MAX = 50;
export const POLICY_CONDITIONS_MAX = 10;

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

const RANGES: Readonly<Record<string, NumberRange>> = {
  DelaySeconds: { min: 0, max: 900 },
  MaximumMessageSize: { min: 1_024, max: MESSAGE_BYTES_MAX },
  MessageRetentionPeriod: { min: 60, max: 1_209_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20 },
  VisibilityTimeout: { min: 0, max: 43_200 },
  KmsDataKeyReusePeriodSeconds: { min: 60, max: 86_400 },
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};

const FLAGS = new Set(['ContentBasedDeduplication', 'SqsManagedSseEnabled']);

/** Attributes that an empty value removes. */
const REMOVABLE = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);

const STANDARD_DEFAULTS: AttributeMap = {
  DelaySeconds: '0',
  MaximumMessageSize: String(MESSAGE_BYTES_MAX),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

const FIFO_DEFAULTS: AttributeMap = {
  ...STANDARD_DEFAULTS,
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

/** What a new queue of this kind has before any attribute is given. */
export const defaultAttributes = (isFifo: boolean): AttributeMap => (isFifo ? FIFO_DEFAULTS : STANDARD_DEFAULTS);

const unknownAttribute = (name: string): ServiceError =>
  new ServiceError('InvalidAttributeName', `Unknown Attribute ${name}.`, 400);

const invalidAttributeValue = (name: string, reason?: string): ServiceError =>
  new ServiceError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`,
    400,
  );

const checkNumber = (name: string, value: string, { min, max }: NumberRange): string => {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalidAttributeValue(name);
  return String(number);
};

const checkPolicy = (value: string): string => {
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch {
    throw invalidAttributeValue('Policy');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalidAttributeValue('Policy');
  }
  if (utf8Length(value) > POLICY_BYTES_MAX) throw invalidAttributeValue('Policy');
  const statements = [(document as { Statement?: unknown }).Statement ?? []].flat() as {
    readonly Principal?: unknown;
    readonly Condition?: Readonly<Record<string, object>>;
  }[];
  let principals = 0;
  let conditions = 0;
  for (const { Principal: principal, Condition: condition } of statements) {
    principals += typeof principal === 'object' && principal !== null ? Object.values(principal).flat().length : 1;
    for (const keys of Object.values(condition ?? {})) conditions += Object.keys(keys).length;
  }
  if (
    statements.length > POLICY_STATEMENTS_MAX ||
    principals > POLICY_PRINCIPALS_MAX ||
    conditions > POLICY_CONDITIONS_MAX
  ) {
    throw invalidAttributeValue('Policy');
  }
  return value;
};

/** One attribute of one kind of queue, normalised. @throws ServiceError */
const checkAttribute = (name: string, value: string, isFifo: boolean): string => {
  const range = memberOf(RANGES, name);
  if (range !== undefined) return checkNumber(name, value, range);
  const choices = memberOf(CHOICES, name);
  if (choices !== undefined) {
    if (!isFifo) {
      throw new ServiceError(
        'InvalidAttributeName',
        `You can specify the ${name} only when FifoQueue is set to true.`,
        400,
      );
    }
    if (!choices.includes(value)) throw invalidAttributeValue(name);
    return value;
  }
  if (FLAGS.has(name)) {
    if (name === 'ContentBasedDeduplication' && !isFifo) throw unknownAttribute(name);
    const flag = value.toLowerCase();
    if (flag !== 'true' && flag !== 'false') throw invalidAttributeValue(name);
    return flag;
  }
  switch (name) {
    case 'Policy':
      return value === '' ? value : checkPolicy(value);
    case 'RedrivePolicy':
      // Given back with a number, even if the number came as a string.
      return value === '' ? value : JSON.stringify(parseRedrivePolicy(value));
    case 'RedriveAllowPolicy':
      if (value !== '') parseRedriveAllowPolicy(value);
      return value;
    case 'KmsMasterKeyId':
      return value;
    default:
      throw unknownAttribute(name);
  }
};

/**
 * Checks what a caller wants to set, and normalises numbers and flags. `FifoQueue` is the caller's business.
 *
 * @throws ServiceError InvalidAttributeName, InvalidAttributeValue or InvalidParameterValue
 */
export const checkAttributes = (given: AttributeMap, isFifo: boolean): AttributeMap => {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    checked[name] = name === 'FifoQueue' ? value.toLowerCase() : checkAttribute(name, value, isFifo);
  }
  const usesKms = checked['KmsMasterKeyId'] !== undefined && checked['KmsMasterKeyId'] !== '';
  if (usesKms && checked['SqsManagedSseEnabled'] === 'true') {
    throw new ServiceError(
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
      400,
    );
  }
  return checked;
};

/** `CreateQueue`: the kind of queue comes from `FifoQueue`, which says nothing but `true`. */
export const isFifoRequested = (given: AttributeMap): boolean => {
  const flag = given['FifoQueue'];
  if (flag === undefined) return false;
  if (flag.toLowerCase() === 'true') return true;
  throw flag.toLowerCase() === 'false' ? unknownAttribute('FifoQueue') : invalidAttributeValue('FifoQueue');
};

/** `SetQueueAttributes`: a queue never changes its kind. */
export const checkFifoUnchanged = (given: AttributeMap, isFifo: boolean): void => {
  const flag = given['FifoQueue'];
  if (flag === undefined) return;
  if (!isFifo) throw unknownAttribute('FifoQueue');
  if (flag.toLowerCase() !== 'true') {
    throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
  }
};

/** `current` with `changes` (already checked) laid over it: empty values remove, one kind of encryption ends the other. */
export const mergeAttributes = (current: AttributeMap, changes: AttributeMap): AttributeMap => {
  const merged: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' && REMOVABLE.has(name)) delete merged[name];
    else merged[name] = name === 'FifoQueue' ? 'true' : value;
  }
  if (changes['KmsMasterKeyId'] !== undefined && changes['KmsMasterKeyId'] !== '') {
    merged['SqsManagedSseEnabled'] = 'false';
    merged['KmsDataKeyReusePeriodSeconds'] ??= '300';
  } else if (changes['SqsManagedSseEnabled'] === 'true') {
    delete merged['KmsMasterKeyId'];
    delete merged['KmsDataKeyReusePeriodSeconds'];
  }
  if (changes['KmsMasterKeyId'] === '') delete merged['KmsDataKeyReusePeriodSeconds'];
  if (merged['FifoThroughputLimit'] === 'perMessageGroupId' && merged['DeduplicationScope'] !== 'messageGroup') {
    throw invalidAttributeValue(
      'FifoThroughputLimit',
      'perMessageGroupId is allowed only when DeduplicationScope is messageGroup.',
    );
  }
  return merged;
};

const seconds = (attributes: AttributeMap, name: string): number => Number(attributes[name]) * 1_000;

/** The numbers and flags behind a full set of attributes. */
export const settingsOf = (attributes: AttributeMap): QueueSettings => ({
  isFifo: attributes['FifoQueue'] === 'true',
  delayMs: seconds(attributes, 'DelaySeconds'),
  maxMessageBytes: Number(attributes['MaximumMessageSize']),
  retentionMs: seconds(attributes, 'MessageRetentionPeriod'),
  receiveWaitMs: seconds(attributes, 'ReceiveMessageWaitTimeSeconds'),
  visibilityTimeoutMs: seconds(attributes, 'VisibilityTimeout'),
  redrive: attributes['RedrivePolicy'] === undefined ? undefined : parseRedrivePolicy(attributes['RedrivePolicy']),
  redriveAllow:
    attributes['RedriveAllowPolicy'] === undefined
      ? undefined
      : parseRedriveAllowPolicy(attributes['RedriveAllowPolicy']),
  contentBasedDeduplication: attributes['ContentBasedDeduplication'] === 'true',
  deduplicationPerGroup: attributes['DeduplicationScope'] === 'messageGroup',
  policy: attributes['Policy'],
});

/**
 * The first given attribute whose value differs from the queue's: what makes a second `CreateQueue` fail.
 * An attribute given empty equals one that is not set.
 */
export const differingAttribute = (stored: AttributeMap, given: AttributeMap): string | undefined =>
  Object.entries(given).find(([name, value]) => (stored[name] ?? '') !== value)?.[0];
