import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { conditionally } from '../conditional-write.ts';
import type { InvocationContext, Log } from '../log.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from '../middleware/sqs-event.ts';
import { parseUploadMessage } from '../uploads/upload-message.ts';
import type { UploadRecord } from '../uploads/upload-record.ts';
import { uploadRecordsIn } from '../uploads/upload-records.ts';
import { openUpload } from '../uploads/uploads-bucket.ts';
import type { ErrorProcessorSettings } from './settings.ts';
import { type ErrorSummary, summariseReport } from './summarise-report.ts';

/** Everything the error processor touches. */
export interface ErrorProcessorDeps {
  readonly s3: Pick<S3Client, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly log: Log;
  readonly settings: ErrorProcessorSettings;
}

const summaryOf = async (deps: ErrorProcessorDeps, record: UploadRecord): Promise<ErrorSummary | undefined> => {
  if (record.error_report === undefined) {
    return { rows: 0, reasons: { [record.reason ?? record.status]: 1 }, first_rows: [] };
  }
  const report = await openUpload(deps.s3, record.bucket, record.error_report);
  return report === undefined ? undefined : summariseReport(report.body);
};

/**
 * Counts why rows of a file were rejected (or why the whole file was) and writes it to the upload's record as
 * `error_summary`: operators and vendors see `price is not above 0: 338` without opening a report.
 *
 * The summary depends on the report alone, so doing it twice changes nothing. A message about a content that has been
 * replaced since is dropped.
 */
export const createErrorProcessor = (
  deps: ErrorProcessorDeps,
): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { dynamodb, log, settings } = deps;
  const records = uploadRecordsIn(dynamodb, settings.uploadsTable);

  const summarise = async (message: QueueMessage): Promise<void> => {
    const { vendorId, fileKey, etag } = parseUploadMessage(message.body);
    const record = await records.read(vendorId, fileKey);
    if (record === undefined || record.etag !== etag) {
      log.info('upload was replaced, nothing to summarise', { fileKey, etag });
      return;
    }
    const summary = await summaryOf(deps, record);
    if (summary === undefined) {
      log.warn('the error report is gone', { fileKey, report: record.error_report });
      return;
    }
    await conditionally(
      dynamodb.send(
        new UpdateItemCommand({
          TableName: settings.uploadsTable,
          Key: { vendor_id: { S: vendorId }, file_key: { S: fileKey } },
          UpdateExpression: 'SET error_summary = :summary',
          ConditionExpression: 'etag = :etag',
          ExpressionAttributeValues: { ':summary': { M: marshall(summary) }, ':etag': { S: etag } },
        }),
      ),
    );
    log.info('errors summarised', { fileKey, rows: summary.rows, reasons: summary.reasons });
  };

  return forEachMessage(summarise, { log });
};
