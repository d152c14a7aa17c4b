export { type EventBridgeEvent, type EventBridgeInput, eventBridgeEvent } from './event-bridge.ts';
export type { EventOrigin } from './identity.ts';
export { type KinesisEvent, type KinesisEventOptions, type KinesisRecordInput, kinesisEvent } from './kinesis.ts';
export { type S3Event, type S3EventOptions, type S3ObjectInput, s3Event } from './s3.ts';
export { type SnsEvent, type SnsEventOptions, snsEvent } from './sns.ts';
export {
  type SqsEvent,
  type SqsEventOptions,
  type SqsEventRecord,
  type SqsMessageAttribute,
  type SqsMessageInput,
  sqsEvent,
} from './sqs.ts';
