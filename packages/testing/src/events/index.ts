export {
  type DynamoDbChangeInput,
  type DynamoDbEvent,
  type DynamoDbEventOptions,
  type DynamoDbValue,
  dynamoDbEvent,
  type PlainItem,
} from './dynamodb.ts';
export { type EventBridgeEvent, type EventBridgeInput, eventBridgeEvent } from './event-bridge.ts';
export { type HttpApiEvent, type HttpApiInput, httpApiEvent } from './http-api.ts';
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
