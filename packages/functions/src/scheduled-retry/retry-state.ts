import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/**
 * What is remembered about one dead-lettered message, by message id.
 *
 * SQS's `ApproximateReceiveCount` would not do: it counts every receive, also by a person looking at the queue, by a
 * throttled retry, and by the queue the message came from.
 */
export interface RetryState {
  /** Retries that ended with an error of the function, or of which nobody knows how they ended. */
  readonly attempts: number;
  /** Retries that the target had no place for. */
  readonly throttles: number;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastError: string | undefined;
  /** The alert is out; what remains is deleting the message. */
  readonly isAlerted: boolean;
}

/** Error name for a retry that was begun by a run which never came back. */
export const INTERRUPTED = 'Retry.Interrupted';

/** A day longer than a message can live. */
const STATE_TTL_SECONDS = 15 * 24 * 3600;

/** Keeps the state of messages from run to run. Every change counts in place: no read comes before it. */
export interface RetryStates {
  /**
   * Says that a retry begins, before it does. If the one before never said how it ended, the function was killed in
   * the middle: that counts as an attempt, or a message that kills its reader would be read for ever.
   */
  begin(messageId: string, now: number): Promise<RetryState>;
  failed(messageId: string, lastError: string): Promise<void>;
  throttled(messageId: string): Promise<void>;
  /** The retry did not take place; nothing is counted. */
  withdrawn(messageId: string): Promise<void>;
  alerted(messageId: string, now: number): Promise<void>;
  forget(messageId: string): Promise<void>;
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Keeps retry states in a DynamoDB table with the key `message_id` and the TTL attribute `expires_at`. */
export const retryStatesIn = (dynamodb: Pick<DynamoDBClient, 'send'>, tableName: string): RetryStates => {
  const update = (
    messageId: string,
    expression: string,
    values: Record<string, { S: string } | { N: string }> = {},
    returns: 'ALL_OLD' | 'NONE' = 'NONE',
  ) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { message_id: { S: messageId } },
        UpdateExpression: expression,
        ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
        ReturnValues: returns,
      }),
    );

  return {
    async begin(messageId, now) {
      const { Attributes } = await update(
        messageId,
        'SET begun_at = :now, first_seen = if_not_exists(first_seen, :now), expires_at = :expires',
        {
          ':now': { S: new Date(now).toISOString() },
          ':expires': { N: String(Math.floor(now / 1000) + STATE_TTL_SECONDS) },
        },
        'ALL_OLD',
      );
      const before = Attributes === undefined ? {} : unmarshall(Attributes);
      const state: RetryState = {
        attempts: number(before['attempts']),
        throttles: number(before['throttles']),
        firstSeen: String(before['first_seen'] ?? new Date(now).toISOString()),
        lastError: typeof before['last_error'] === 'string' ? before['last_error'] : undefined,
        isAlerted: before['alerted_at'] !== undefined,
      };
      if (before['begun_at'] === undefined || state.isAlerted) return state;
      await update(messageId, 'SET last_error = :error ADD attempts :one', {
        ':error': { S: INTERRUPTED },
        ':one': { N: '1' },
      });
      return { ...state, attempts: state.attempts + 1, lastError: INTERRUPTED };
    },
    async failed(messageId, lastError) {
      await update(messageId, 'SET last_error = :error REMOVE begun_at ADD attempts :one', {
        ':error': { S: lastError },
        ':one': { N: '1' },
      });
    },
    async throttled(messageId) {
      await update(messageId, 'REMOVE begun_at ADD throttles :one', { ':one': { N: '1' } });
    },
    async withdrawn(messageId) {
      await update(messageId, 'REMOVE begun_at');
    },
    async alerted(messageId, now) {
      await update(messageId, 'SET alerted_at = :now', { ':now': { S: new Date(now).toISOString() } });
    },
    async forget(messageId) {
      await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { message_id: { S: messageId } } }));
    },
  };
};
