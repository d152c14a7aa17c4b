import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Environment } from '../environment.ts';
import type { Log } from '../log.ts';

/** How a consumer tells that messages of a batch failed. */
export type BatchAnswer = 'item-failures' | 'whole-batch';

export interface QueueConsumerDeps {
  readonly log: Log;
  readonly answer: BatchAnswer;
}

/** `WHOLE_BATCH=true` has a batch fail as a whole. */
export const readBatchAnswer = (environment: Environment): BatchAnswer =>
  environment['WHOLE_BATCH'] === 'true' ? 'whole-batch' : 'item-failures';

const isBad = ({ messageAttributes }: SQSRecord): boolean => messageAttributes['store_id'] === undefined;

/**
 * Books orders of stores. One without `store_id` cannot be booked: it is reported alone, or fails its whole batch, good
 * orders included, as most consumers do.
 */
export const createQueueConsumer = ({ log, answer }: QueueConsumerDeps) => {
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const bad = Records.filter(isBad);
    if (bad.length > 0) {
      const missing = JSON.stringify({ missing_store_id: true });
      for (const { messageId } of bad) log.error(missing, { messageId });
      if (answer === 'whole-batch') throw new Error(missing);
    }
    const resp = { status: bad.length === 0, tot_msgs: Records.length, s_msgs: Records.length - bad.length };
    log.info('booked', { resp });
    return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};
