import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { conditionally } from '../conditional-write.ts';
import type { Envelope } from './envelope.ts';
import type { ErrorCategory } from './errors.ts';

/** What is known of an event, as `GET /events/{id}` shows it. */
export interface EventRecord {
  readonly event_id: string;
  readonly status: 'ACCEPTED' | 'PROCESSED' | 'FAILED';
  readonly fingerprint: string;
  readonly correlation_id: string;
  readonly accepted_at: string;
  readonly processed_at?: string;
  /** How often it took effect; anything but 1 after `PROCESSED` is a fault. */
  readonly effects?: number;
  readonly amount?: number;
  readonly error_category?: ErrorCategory;
  readonly failure?: string;
  /** Epoch seconds at which DynamoDB may delete it. */
  readonly expires_at: number;
}

/** Records of events in one table, by event id. */
export interface EventRecords {
  /** @returns the fingerprint that the id stands for: of this event, or of one that was there before */
  accept(envelope: Envelope, fingerprint: string): Promise<string>;
  /** Books an order. @returns whether this call did it; false when it was done before */
  process(envelope: Envelope): Promise<boolean>;
  /** What was processed stays so. */
  fail(eventId: string, category: ErrorCategory, error: string): Promise<void>;
  read(eventId: string): Promise<EventRecord | undefined>;
}

const DAY_SECONDS = 86_400;

export const eventRecordsIn = (
  dynamodb: Pick<DynamoDBClient, 'send'>,
  settings: { readonly tableName: string; readonly ttlDays: number; readonly now: () => number },
): EventRecords => {
  const { tableName: TableName, ttlDays, now } = settings;
  const expiresAt = (): number => Math.floor(now() / 1_000) + ttlDays * DAY_SECONDS;

  const read = async (eventId: string): Promise<EventRecord | undefined> => {
    const Key = { event_id: { S: eventId } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item === undefined ? undefined : (unmarshall(Item) as EventRecord);
  };

  const update = (eventId: string, UpdateExpression: string, values: Record<string, AttributeValue>) =>
    conditionally(
      dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key: { event_id: { S: eventId } },
          UpdateExpression,
          // Also when a function died between the effect and what it remembers of it.
          ConditionExpression: 'attribute_not_exists(processed_at)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: values,
        }),
      ),
    );

  return {
    read,
    accept: async ({ eventId, correlationId, acceptedAt }, fingerprint) => {
      const record: EventRecord = {
        event_id: eventId,
        status: 'ACCEPTED',
        fingerprint,
        correlation_id: correlationId,
        accepted_at: acceptedAt,
        expires_at: expiresAt(),
      };
      const Item = marshall(record);
      const ConditionExpression = 'attribute_not_exists(event_id)';
      const isNew = await conditionally(dynamodb.send(new PutItemCommand({ TableName, Item, ConditionExpression })));
      return isNew ? fingerprint : ((await read(eventId))?.fingerprint ?? fingerprint);
    },
    process: ({ eventId, payload }) =>
      update(
        eventId,
        'SET #status = :status, processed_at = :at, amount = :amount, expires_at = :expires ADD effects :one REMOVE error_category, failure',
        {
          ':status': { S: 'PROCESSED' },
          ':at': { S: new Date(now()).toISOString() },
          ':amount': { N: String(payload.amount) },
          ':expires': { N: String(expiresAt()) },
          ':one': { N: '1' },
        },
      ),
    fail: async (eventId, category, error) => {
      const expression = 'SET #status = :status, error_category = :category, failure = :error, expires_at = :expires';
      await update(eventId, expression, {
        ':status': { S: 'FAILED' },
        ':category': { S: category },
        ':error': { S: error },
        // As long as its dead letter may lie there.
        ':expires': { N: String(expiresAt()) },
      });
    },
  };
};
