import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { WorkerDeps } from './create-worker.ts';

/**
 * Powertools' idempotency by event id, forgotten after `ttlDays`. The same id with another order is refused, and an attempt
 * whose function died is taken up again once the time of that invocation is over.
 */
export const idempotencyIn = (
  awsSdkV3Client: DynamoDBClient,
  { tableName, ttlDays }: { readonly tableName: string; readonly ttlDays: number },
): WorkerDeps['once'] => {
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client });
  return (work) => (envelope, context) => {
    const config = new IdempotencyConfig({
      eventKeyJmesPath: 'eventId',
      payloadValidationJmesPath: 'payload',
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: ttlDays * 86_400,
    });
    config.registerLambdaContext(context);
    return makeIdempotent(work, { persistenceStore, config, keyPrefix: 'ingestion-worker' })(envelope);
  };
};
