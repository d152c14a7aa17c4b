import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { backoffDelayMs, resolveBackoffPolicy } from '@holdfast/retry';
import type { Ambient } from '../ambient.ts';
import { conditionally } from '../conditional-write.ts';
import type { InvocationContext, Log } from '../log.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from '../middleware/sqs-event.ts';
import { parseUploadMessage } from '../uploads/upload-message.ts';
import { uploadRecordsIn } from '../uploads/upload-records.ts';
import type { ProductValidatorSettings } from './settings.ts';

/** Everything the validator touches. */
export interface ProductValidatorDeps extends Pick<Ambient, 'sleep' | 'random'> {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly log: Log;
  readonly settings: ProductValidatorSettings;
}

/** Products that the record says were stored are not in the table. Worth an alarm: the message ends in its DLQ. */
export class ProductsMissingError extends Error {
  override readonly name = 'ProductsMissingError';

  constructor(fileKey: string, missing: readonly string[]) {
    super(`${fileKey}: not in the products table: ${missing.slice(0, 5).join(', ')} (${missing.length} of the sample)`);
  }
}

const ATTEMPTS_MAX = 6;
const BACKOFF = resolveBackoffPolicy({ baseDelayMs: 50, multiplier: 2, maxDelayMs: 2_000, jitter: 'full' });

type Key = Record<string, AttributeValue>;

/** Which of `ids` are in the products table, read consistently. */
const presentIds = async (
  { dynamodb, settings, sleep, random }: ProductValidatorDeps,
  vendorId: string,
  ids: readonly string[],
): Promise<Set<string>> => {
  const table = settings.productsTable;
  const present = new Set<string>();
  let keys: Key[] = ids.map((id) => ({ vendor_id: { S: vendorId }, vendor_product_id: { S: id } }));
  for (let attempt = 1; keys.length > 0; attempt++) {
    if (attempt > ATTEMPTS_MAX)
      throw new Error(`${keys.length} keys were still unprocessed after ${ATTEMPTS_MAX} attempts`);
    if (attempt > 1) await sleep(backoffDelayMs(BACKOFF, attempt - 1, random));
    const answer = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[table] ?? []) present.add(item['vendor_product_id']?.S ?? '');
    keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return present;
};

/**
 * Checks after an upload that what its record says is true: a sample of its products (up to 25, evenly spaced) is in
 * the table. Then the record gets `validated_at` and `validated_products`.
 *
 * Doing it twice changes nothing: `validated_at` is when the message was sent, and the first one stays. A message
 * about a content that has been replaced since is dropped.
 */
export const createProductValidator = (
  deps: ProductValidatorDeps,
): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { dynamodb, log, settings } = deps;
  const records = uploadRecordsIn(dynamodb, settings.uploadsTable);

  const validate = async (message: QueueMessage): Promise<void> => {
    const { vendorId, fileKey, etag } = parseUploadMessage(message.body);
    const record = await records.read(vendorId, fileKey);
    if (record === undefined || record.etag !== etag) {
      log.info('upload was replaced, nothing to validate', { fileKey, etag });
      return;
    }
    const sample = record.sample ?? [];
    const present = await presentIds(deps, vendorId, sample);
    const missing = sample.filter((id) => !present.has(id));
    if (missing.length > 0) {
      log.error('products are missing', { fileKey, missing: missing.length, sample: sample.length });
      throw new ProductsMissingError(fileKey, missing);
    }
    await conditionally(
      dynamodb.send(
        new UpdateItemCommand({
          TableName: settings.uploadsTable,
          Key: { vendor_id: { S: vendorId }, file_key: { S: fileKey } },
          UpdateExpression:
            'SET validated_at = if_not_exists(validated_at, :sent), validated_products = if_not_exists(validated_products, :checked)',
          ConditionExpression: 'etag = :etag',
          ExpressionAttributeValues: {
            ':sent': { S: new Date(Number(message.attributes.SentTimestamp)).toISOString() },
            ':checked': { N: String(sample.length) },
            ':etag': { S: etag },
          },
        }),
      ),
    );
    log.info('products are there', { fileKey, checked: sample.length });
  };

  return forEachMessage(validate, { log });
};
