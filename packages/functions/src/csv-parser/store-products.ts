import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { backoffDelayMs, resolveBackoffPolicy } from '@holdfast/retry';
import type { Ambient } from '../ambient.ts';
import { UnprocessedItemsError } from './errors.ts';
import type { ProductRow } from './product-row.ts';

/** BatchWriteItem takes no more. */
const BATCH_ITEMS = 25;
/** Batches on their way at the same time. */
const BATCHES_IN_FLIGHT = 10;
/** First call and retries of one batch. */
const ATTEMPTS_MAX = 8;
const BACKOFF = resolveBackoffPolicy({ baseDelayMs: 50, multiplier: 2, maxDelayMs: 5_000, jitter: 'full' });

/** Where the products of one upload come from; goes into every item, the same at every delivery. */
export interface ProductOrigin {
  readonly vendorId: string;
  readonly uploadId: string;
  readonly fileKey: string;
  /** ISO 8601, of the upload and not of the run. */
  readonly uploadedAt: string;
}

const writeRequest = (product: ProductRow, origin: ProductOrigin): WriteRequest => ({
  PutRequest: {
    Item: marshall({
      vendor_id: origin.vendorId,
      ...product,
      upload_id: origin.uploadId,
      source_key: origin.fileKey,
      updated_at: origin.uploadedAt,
    }),
  },
});

/**
 * Puts products into the table, 25 at a time. Every put is idempotent and the items depend on the upload alone, so
 * writing twice changes nothing.
 *
 * What DynamoDB hands back as unprocessed is sent again after exponential backoff with full jitter.
 *
 * @throws {@link UnprocessedItemsError} when a batch is still incomplete after its last attempt
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export const storeProducts = async (
  dynamodb: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  products: Iterable<ProductRow>,
  origin: ProductOrigin,
  { sleep, random }: Pick<Ambient, 'sleep' | 'random'>,
): Promise<void> => {
  const source = products[Symbol.iterator]();

  const nextBatch = (): WriteRequest[] => {
    const batch: WriteRequest[] = [];
    while (batch.length < BATCH_ITEMS) {
      const next = source.next();
      if (next.done === true) break;
      batch.push(writeRequest(next.value, origin));
    }
    return batch;
  };

  const writeBatch = async (batch: WriteRequest[]): Promise<void> => {
    let pending = batch;
    for (let attempt = 1; ; attempt++) {
      const { UnprocessedItems } = await dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [tableName]: pending } }),
      );
      pending = UnprocessedItems?.[tableName] ?? [];
      if (pending.length === 0) return;
      if (attempt === ATTEMPTS_MAX) throw new UnprocessedItemsError(pending.length, attempt);
      await sleep(backoffDelayMs(BACKOFF, attempt, random));
    }
  };

  const worker = async (): Promise<void> => {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) await writeBatch(batch);
  };
  await Promise.all(Array.from({ length: BATCHES_IN_FLIGHT }, worker));
};
