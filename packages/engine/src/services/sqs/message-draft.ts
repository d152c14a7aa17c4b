import type { MessageAttributeValue, MessageSystemAttributeValue } from '@aws-sdk/client-sqs';
import { type Digest, utf8Length } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { invalidParameter, invalidValue, missingParameter } from './errors.ts';
import type { MessageAttributes } from './message.ts';
import { attributesBytes, checkAttributeValue, checkMessageAttributes, md5OfAttributes } from './message-attributes.ts';
import type { QueueSettings } from './queue-attributes.ts';
import { isSendable } from './sendable-text.ts';

export const DELAY_SECONDS_MAX = 900;

/** What a caller wants to send: `SendMessage`, an entry of a batch, or a delivery by another service. */
export interface SendRequest {
  readonly MessageBody?: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>> | undefined;
  readonly MessageSystemAttributes?: Readonly<Record<string, MessageSystemAttributeValue>> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

/** A message that passed every check and only needs a place. */
export interface MessageDraft {
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: MessageAttributes | undefined;
  readonly md5OfAttributes: string | undefined;
  readonly md5OfSystemAttributes: string | undefined;
  readonly senderId: string;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** Body and attributes, as they count against the limit. */
  readonly bytes: number;
}

const checkBody = (body: string | undefined): string => {
  if (body === undefined || body === null || body === '') throw missingParameter('MessageBody');
  if (!isSendable(body)) {
    throw new ServiceError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
      400,
    );
  }
  return body;
};

const GROUP_OR_DEDUPLICATION_ID = /^[!-~]{1,128}$/;

/** Group and deduplication ids: 1 to 128 printable ASCII characters without space. @throws ServiceError */
export const checkId = (parameter: 'MessageGroupId' | 'MessageDeduplicationId', id: string): void => {
  if (GROUP_OR_DEDUPLICATION_ID.test(id)) return;
  throw invalidValue(
    id,
    parameter,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
};

/**
 * The delay of a message in milliseconds; `undefined` means the queue's. On FIFO queues only the queue has a delay.
 *
 * @throws ServiceError
 */
export const checkDelay = (delaySeconds: number | undefined, isFifo: boolean): number | undefined => {
  if (delaySeconds === undefined || delaySeconds === null) return undefined;
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > DELAY_SECONDS_MAX) {
    throw invalidValue(delaySeconds, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`);
  }
  if (!isFifo) return delaySeconds * 1_000;
  if (delaySeconds === 0) return undefined;
  throw invalidValue(
    delaySeconds,
    'DelaySeconds',
    'The request include parameter that is not valid for this queue type.',
  );
};

/** What the checks need to know of the queue and the caller. */
export interface DraftContext {
  readonly settings: QueueSettings;
  readonly digest: Digest;
  readonly senderId: string;
  /** Header of the request; a system attribute wins over it. */
  readonly traceHeader: string | undefined;
  /** AWS words an oversized entry of a batch differently. */
  readonly isBatchEntry?: boolean;
}

const missingDeduplicationId = (): ServiceError =>
  invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );

/** A batch to a FIFO queue fails as a whole when one entry lacks what its place in the order depends on. */
export const checkBatchOrdering = (entries: readonly SendRequest[], settings: QueueSettings): void => {
  if (!settings.isFifo) return;
  for (const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } of entries) {
    if (groupId === undefined) throw invalidParameter('The request must contain the parameter MessageGroupId.');
    if (deduplicationId === undefined && !settings.contentBasedDeduplication) throw missingDeduplicationId();
  }
};

const checkOrdering = (request: SendRequest, settings: QueueSettings): void => {
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = request;
  if (settings.isFifo && groupId === undefined) throw missingParameter('MessageGroupId');
  if (groupId !== undefined) checkId('MessageGroupId', groupId);
  if (deduplicationId === undefined) {
    if (settings.isFifo && !settings.contentBasedDeduplication) {
      throw missingDeduplicationId();
    }
    return;
  }
  if (!settings.isFifo) {
    throw invalidValue(
      deduplicationId,
      'MessageDeduplicationId',
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  checkId('MessageDeduplicationId', deduplicationId);
};

const checkSystemAttributes = (
  given: Readonly<Record<string, MessageSystemAttributeValue>> | undefined,
): MessageAttributes | undefined => {
  if (given === undefined) return undefined;
  const entries = Object.entries(given);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (name !== 'AWSTraceHeader') {
        throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
      }
      const checked = checkAttributeValue(name, value, 'system');
      if (checked.dataType !== 'String') {
        throw invalidParameter(
          `The type of message (system) attribute '${name}' is invalid. You must use only the following supported type prefixes: String.`,
        );
      }
      return [name, checked];
    }),
  );
};

/** What an entry counts for in the limit of a batch, before anything about it is checked. */
export const requestBytes = (request: SendRequest): number => {
  const { MessageBody: body, MessageAttributes: attributes } = request;
  let bytes = utf8Length(body ?? '');
  if (attributes === undefined || attributes === null) return bytes;
  for (const [name, value] of Object.entries(attributes)) {
    bytes += utf8Length(name) + utf8Length(value.DataType ?? '');
    bytes += utf8Length(value.StringValue ?? '') + (value.BinaryValue?.length ?? 0);
  }
  return bytes;
};

/** Checks everything about a message except its delay. @throws ServiceError */
export const draftMessage = (request: SendRequest, context: DraftContext): MessageDraft => {
  const { settings, digest, senderId, traceHeader } = context;
  const body = checkBody(request.MessageBody);
  checkOrdering(request, settings);
  const attributes = checkMessageAttributes(request.MessageAttributes);
  const systemAttributes = checkSystemAttributes(request.MessageSystemAttributes);
  const bytes = utf8Length(body) + attributesBytes(attributes);
  if (bytes > settings.maxMessageBytes) {
    throw invalidParameter(
      `One or more parameters ${context.isBatchEntry === true ? 'cannot be validated' : 'are invalid'}. Reason: Message must be shorter than ${settings.maxMessageBytes} bytes.`,
    );
  }
  return {
    body,
    md5OfBody: digest.md5Hex(body),
    attributes,
    md5OfAttributes: attributes === undefined ? undefined : md5OfAttributes(attributes, digest),
    md5OfSystemAttributes: systemAttributes === undefined ? undefined : md5OfAttributes(systemAttributes, digest),
    senderId,
    traceHeader: systemAttributes?.['AWSTraceHeader']?.stringValue ?? traceHeader,
    groupId: request.MessageGroupId,
    deduplicationId: request.MessageDeduplicationId ?? (settings.isFifo ? digest.sha256Hex(body) : undefined),
    bytes,
  };
};
