export { type ReplayMessagesOptions, replayMessages } from '../dead-letter-replay/replay-messages.ts';
export type { InvocationContext, Log } from '../log.ts';
export { CORRELATION_ATTRIBUTE, correlationAttributes, correlationId, withCorrelationId } from './correlation.ts';
export { PermanentError, RetryAfterError, TransientError } from './errors.ts';
export { FOR_EACH_MESSAGE_DEFAULTS, type ForEachMessageOptions, forEachMessage } from './for-each-message.ts';
export {
  FOR_EACH_STREAM_RECORD_DEFAULTS,
  type ForEachStreamRecordOptions,
  forEachStreamRecord,
  type StreamRecord,
} from './for-each-stream-record.ts';
export { NOTES_ATTRIBUTE, originalAttributes } from './message-notes.ts';
export { ERROR_ATTRIBUTE } from './set-aside.ts';
export type { BatchAnswer, QueueEvent, QueueMessage, QueueMessageAttribute } from './sqs-event.ts';
