import type * as Sdk from '@aws-sdk/client-sqs';
import type {
  ReceiveMessageCommandInput,
  ReceiveMessageCommandOutput,
  SendMessageBatchResultEntry,
} from '@aws-sdk/client-sqs';
import { type Operations, operation, type RequestContext, type Result, ServiceError } from '../../core/index.ts';
import { batchAnswer, checkBatch, eachEntry } from './batch.ts';
import { invalidValue, missingParameter } from './errors.ts';
import type { Sent } from './fifo-sends.ts';
import type { Message } from './message.ts';
import {
  checkBatchOrdering,
  checkDelay,
  type DraftContext,
  draftMessage,
  type MessageDraft,
  requestBytes,
  type SendRequest,
} from './message-draft.ts';
import type { Queue, Sending } from './queue.ts';
import { MESSAGE_BYTES_MAX } from './queue-attributes.ts';
import type { QueueEncryption } from './queue-encryption.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { VISIBILITY_SECONDS_MAX } from './receipts.ts';
import { type RequestedParts, receivedMessage } from './received-message.ts';
import { senderIdOf } from './sender-id.ts';

export const RECEIVE_MAX = 10;
export const WAIT_SECONDS_MAX = 20;

const SYSTEM_ATTRIBUTE_NAMES: ReadonlySet<string> = new Set([
  'All',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
]);

const NO_NAMES: ReadonlySet<string> = new Set();

const requestedParts = (input: ReceiveMessageCommandInput): RequestedParts => {
  const { AttributeNames: old, MessageSystemAttributeNames: names, MessageAttributeNames } = input;
  const asked: readonly string[] = old === undefined ? (names ?? []) : [...old, ...(names ?? [])];
  for (const name of asked) {
    if (!SYSTEM_ATTRIBUTE_NAMES.has(name)) {
      throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${name}.`, 400);
    }
  }
  return {
    systemAttributes: asked.length === 0 ? NO_NAMES : new Set(asked),
    messageAttributeNames: MessageAttributeNames,
  };
};

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

const requiredHandle = (handle: string | undefined): string => {
  if (handle === undefined || handle === null || handle === '') throw missingParameter('ReceiptHandle');
  return handle;
};

/** Operations on messages: send, receive, delete, change visibility, alone and in batches. */
export const messageOperations = (queues: QueueRegistry, encryption: QueueEncryption): Operations<typeof Sdk> => {
  const { environment } = queues;
  const { digest } = environment;

  /** What the checks of a request's messages need to know: the same for all of a batch. */
  const draftContextOf = (queue: Queue, context: RequestContext, isBatchEntry: boolean): DraftContext => ({
    settings: queue.settings,
    digest,
    senderId: senderIdOf(context, environment),
    traceHeader: context.traceHeader,
    isBatchEntry,
  });

  const sendingOf = (request: SendRequest, queue: Queue, context: RequestContext, about: DraftContext): Sending => {
    const draft = draftMessage(request, about);
    encryption.check(queue, 'send', context);
    return { draft, delayMs: checkDelay(request.DelaySeconds, queue.isFifo) };
  };

  /** `id` is that of the entry in a batch. */
  const sendAnswer = (message: MessageDraft, sent: Sent, id?: string): Result<SendMessageBatchResultEntry> => {
    const [MessageId, MD5OfMessageBody] = [sent.messageId, message.md5OfBody];
    const answer = (
      id === undefined ? { MD5OfMessageBody, MessageId } : { Id: id, MessageId, MD5OfMessageBody }
    ) as Result<SendMessageBatchResultEntry>;
    if (message.md5OfAttributes !== undefined) answer.MD5OfMessageAttributes = message.md5OfAttributes;
    if (message.md5OfSystemAttributes !== undefined) {
      answer.MD5OfMessageSystemAttributes = message.md5OfSystemAttributes;
    }
    if (sent.sequenceNumber !== undefined) answer.SequenceNumber = sent.sequenceNumber;
    return answer;
  };

  const receiveAnswer = (
    queue: Queue,
    messages: readonly Message[],
    requested: RequestedParts,
  ): Result<ReceiveMessageCommandOutput> => {
    queue.metrics.received(messages.length, queues.environment.clock.now());
    if (messages.length === 0) return {};
    return {
      Messages: messages.map((message) => {
        const content = queue.contentOf(message);
        return receivedMessage(message, content, queue.receiptHandleOf(message, content.id), requested, digest);
      }),
    };
  };

  return {
    SendMessage: operation(
      [
        'QueueUrl',
        'MessageBody',
        'DelaySeconds',
        'MessageAttributes',
        'MessageSystemAttributes',
        'MessageDeduplicationId',
        'MessageGroupId',
      ],
      (input, context) => {
        const queue = queues.require(input.QueueUrl, context);
        const sending = sendingOf(input, queue, context, draftContextOf(queue, context, false));
        return sendAnswer(sending.draft, queue.send(sending, context.now));
      },
    ),

    SendMessageBatch: operation(['QueueUrl', 'Entries'], (input, context) => {
      const queue = queues.require(input.QueueUrl, context);
      const entries = checkBatch(input.Entries, 'SendMessageBatchRequestEntry');
      let bytes = 0;
      for (const entry of entries) bytes += requestBytes(entry);
      if (bytes > MESSAGE_BYTES_MAX) {
        throw new ServiceError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MESSAGE_BYTES_MAX} bytes. You have sent ${bytes} bytes.`,
          400,
        );
      }
      checkBatchOrdering(entries, queue.settings);
      const about = draftContextOf(queue, context, true);
      const { successful, failed } = eachEntry(entries, (entry) => {
        const { draft, delayMs } = sendingOf(entry, queue, context, about);
        return { id: entry.Id, draft, delayMs };
      });
      const sent = queue.sendAll(successful, context.now);
      const answers = successful.map(({ id, draft }, index) => sendAnswer(draft, sent[index] as Sent, id));
      return batchAnswer<SendMessageBatchResultEntry>({ successful: answers as SendMessageBatchResultEntry[], failed });
    }),

    ReceiveMessage: operation(
      [
        'QueueUrl',
        'AttributeNames',
        'MessageSystemAttributeNames',
        'MessageAttributeNames',
        'MaxNumberOfMessages',
        'VisibilityTimeout',
        'WaitTimeSeconds',
        'ReceiveRequestAttemptId',
      ],
      (input, context) => {
        const queue = queues.require(input.QueueUrl, context);
        const { now } = context;
        const max = input.MaxNumberOfMessages ?? 1;
        if (!isWithin(max, 1, RECEIVE_MAX)) {
          throw invalidValue(max, 'MaxNumberOfMessages', `Must be between 1 and ${RECEIVE_MAX}, if provided.`);
        }
        const wait = input.WaitTimeSeconds;
        if (wait !== undefined && !isWithin(wait, 0, WAIT_SECONDS_MAX)) {
          throw invalidValue(wait, 'WaitTimeSeconds', `Must be >= 0 and <= ${WAIT_SECONDS_MAX}, if provided.`);
        }
        const visibility = input.VisibilityTimeout;
        if (visibility !== undefined && !isWithin(visibility, 0, VISIBILITY_SECONDS_MAX)) {
          throw invalidValue(visibility, 'VisibilityTimeout', `Must be between 0 and ${VISIBILITY_SECONDS_MAX}.`);
        }
        const attemptId = input.ReceiveRequestAttemptId;
        if (attemptId !== undefined && !queue.isFifo) {
          throw invalidValue(
            attemptId,
            'ReceiveRequestAttemptId',
            'The request include parameter that is not valid for this queue type.',
          );
        }
        const requested = requestedParts(input);
        encryption.check(queue, 'receive', context);
        const waitMs = wait === undefined ? queue.settings.receiveWaitMs : wait * 1_000;
        const visibilityTimeoutMs = visibility === undefined ? undefined : visibility * 1_000;
        const messages = queue.receive(now, max, visibilityTimeoutMs, attemptId);
        if (messages.length > 0) return receiveAnswer(queue, messages, requested);
        if (waitMs === 0) {
          if (!queue.isFifo && queue.isFull(now)) {
            throw new ServiceError('OverLimit', 'The maximum number of in flight messages is reached.', 403);
          }
          return receiveAnswer(queue, messages, requested);
        }
        return new Promise((resolve, reject) => {
          const leave = queue.wait(
            {
              max,
              visibilityTimeoutMs,
              attemptId,
              resolve: (arrived) => resolve(receiveAnswer(queue, arrived, requested)),
              reject,
            },
            waitMs,
            now,
          );
          context.onDisconnect?.(leave);
        });
      },
    ),

    DeleteMessage: operation(['QueueUrl', 'ReceiptHandle'], (input, context) => {
      const queue = queues.require(input.QueueUrl, context);
      queue.delete(requiredHandle(input.ReceiptHandle), context.now);
      return {};
    }),

    DeleteMessageBatch: operation(['QueueUrl', 'Entries'], (input, context) => {
      const queue = queues.require(input.QueueUrl, context);
      const entries = checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
      return batchAnswer(
        eachEntry(entries, (entry) => {
          queue.delete(requiredHandle(entry.ReceiptHandle), context.now);
          return { Id: entry.Id };
        }),
      );
    }),

    ChangeMessageVisibility: operation(['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'], (input, context) => {
      const queue = queues.require(input.QueueUrl, context);
      const handle = requiredHandle(input.ReceiptHandle);
      if (input.VisibilityTimeout === undefined) throw missingParameter('VisibilityTimeout');
      queue.changeVisibility(handle, input.VisibilityTimeout, context.now);
      return {};
    }),

    ChangeMessageVisibilityBatch: operation(['QueueUrl', 'Entries'], (input, context) => {
      const queue = queues.require(input.QueueUrl, context);
      const entries = checkBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry');
      return batchAnswer(
        eachEntry(entries, (entry) => {
          if (entry.VisibilityTimeout === undefined) throw missingParameter('VisibilityTimeout');
          queue.changeVisibility(requiredHandle(entry.ReceiptHandle), entry.VisibilityTimeout, context.now);
          return { Id: entry.Id };
        }),
      );
    }),
  };
};
