import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Ambient } from '../ambient.ts';
import type { InvocationContext, Log } from '../log.ts';
import type { UploadedObject } from '../s3-event.ts';
import { ErrorReport } from '../uploads/error-report.ts';
import { errorReportKey, type UploadKey } from '../uploads/upload-key.ts';
import type { UploadRecord, UploadStatus } from '../uploads/upload-record.ts';
import { type UploadChanges, uploadRecordsIn } from '../uploads/upload-records.ts';
import { headUpload, openUpload, putReport } from '../uploads/uploads-bucket.ts';
import { announce } from './announce.ts';
import { claimUpload } from './claim-upload.ts';
import { type Delivery, uploadId } from './decide-claim.ts';
import { DrillError, LeaseLostError } from './errors.ts';
import { readSheet, UnreadableFileError } from './read-sheet.ts';
import { sampleOf } from './sample.ts';
import type { CsvParserSettings } from './settings.ts';
import { storeProducts } from './store-products.ts';

/** Everything the parser touches. */
export interface CsvParserDeps extends Ambient {
  readonly s3: Pick<S3Client, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly log: Log;
  readonly settings: CsvParserSettings;
}

/**
 * What the parser answers about one file. `isNew` is false when the delivery changed nothing. `MISPLACED` lies among the
 * uploads where none may, `IGNORED` elsewhere.
 */
export interface FileSummary {
  readonly bucket: string;
  readonly key: string;
  readonly status: UploadStatus | 'MISPLACED' | 'IGNORED';
  readonly isNew: boolean;
  readonly reason?: string | undefined;
  readonly rows?: number | undefined;
  readonly accepted?: number | undefined;
  readonly rejected?: number | undefined;
  readonly products?: number | undefined;
}

/** Stands for the content of an object that was gone before anybody could read its ETag. */
const NO_ETAG = 'none';

type Ending = Pick<
  UploadRecord,
  'status' | 'reason' | 'detail' | 'rows' | 'accepted' | 'rejected' | 'products' | 'error_report' | 'sample'
>;

const tooLarge = (sizeBytes: number, maxBytes: number): UnreadableFileError =>
  new UnreadableFileError('TOO_LARGE', `the file has ${sizeBytes} bytes; at most ${maxBytes} are read`);

/** Reads the object and stores what is in it. Throws {@link UnreadableFileError} when the file is to blame. */
const parseAndStore = async (
  deps: CsvParserDeps,
  object: UploadedObject,
  etag: string,
  key: UploadKey,
): Promise<Ending> => {
  const { maxFileBytes, productsTable } = deps.settings;
  if (object.sizeBytes !== undefined && object.sizeBytes > maxFileBytes) throw tooLarge(object.sizeBytes, maxFileBytes);

  const opened = await openUpload(deps.s3, object.bucket, object.key);
  if (opened === undefined) throw new UnreadableFileError('OBJECT_MISSING', 'the object does not exist any more');
  const { facts, body } = opened;
  if (facts.etag !== etag) {
    body.destroy();
    return { status: 'SUPERSEDED' };
  }
  if (facts.sizeBytes > maxFileBytes) {
    body.destroy();
    throw tooLarge(facts.sizeBytes, maxFileBytes);
  }

  const report = new ErrorReport();
  const sheet = await readSheet(body, maxFileBytes, report);
  await storeProducts(
    deps.dynamodb,
    productsTable,
    sheet.products.values(),
    {
      vendorId: key.vendorId,
      uploadId: uploadId({ vendorId: key.vendorId, etag }),
      fileKey: object.key,
      uploadedAt: object.eventTime ?? facts.lastModified ?? new Date(0).toISOString(),
    },
    deps,
  );
  const hasRejected = report.rows > 0;
  const reportKey = errorReportKey(key);
  if (hasRejected) await putReport(deps.s3, object.bucket, reportKey, report.toBytes());
  return {
    status: hasRejected ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED',
    rows: sheet.rows,
    accepted: sheet.accepted,
    rejected: report.rows,
    products: sheet.products.size,
    error_report: hasRejected ? reportKey : undefined,
    sample: sampleOf([...sheet.products.keys()]),
  };
};

/** As {@link parseAndStore}, with a file that is to blame as an ending instead of an exception. */
const endingOf = async (deps: CsvParserDeps, object: UploadedObject, etag: string, key: UploadKey): Promise<Ending> => {
  try {
    return await parseAndStore(deps, object, etag, key);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { status: 'FAILED', reason: error.reason, detail: error.message };
  }
};

const summaryOf = (record: UploadRecord, isNew: boolean): FileSummary => ({
  bucket: record.bucket,
  key: record.file_key,
  status: record.status,
  isNew,
  reason: record.reason,
  rows: record.rows,
  accepted: record.accepted,
  rejected: record.rejected,
  products: record.products,
});

/**
 * Brings one upload to its end: claim, read, store, record, announce.
 *
 * Whatever the file is, it ends in a recorded state. An exception means that the world failed (a table throttles, a
 * drill runs): the lease is let go, and Lambda's failure path takes the event.
 */
export const processUpload = async (
  deps: CsvParserDeps,
  object: UploadedObject,
  key: UploadKey,
  context: InvocationContext,
  { deliveredBy, isColdStart }: Pick<Delivery, 'deliveredBy' | 'isColdStart'>,
): Promise<FileSummary> => {
  const { log, now, sleep, settings } = deps;
  const records = uploadRecordsIn(deps.dynamodb, settings.uploadsTable);

  // Only an ETag together with a sequencer says which content is meant and whether it is still the latest.
  const isIdentified = object.etag !== undefined && object.sequencer !== undefined;
  const facts = isIdentified ? undefined : await headUpload(deps.s3, object.bucket, object.key);
  const etag = (isIdentified ? object.etag : facts?.etag) ?? object.etag ?? NO_ETAG;

  const claim = await claimUpload(
    records,
    deps,
    context,
    {
      vendorId: key.vendorId,
      key: object.key,
      bucket: object.bucket,
      etag,
      sequencer: object.sequencer,
      deliveredBy,
      isColdStart,
      reportedAt: object.eventTime,
      requestId: context.awsRequestId,
      leaseUntil: now() + context.getRemainingTimeInMillis() + 1_000,
    },
    settings.parserLatencyMs,
  );
  if (claim.kind === 'done' || claim.kind === 'superseded') {
    log.info('upload was processed before', { key: object.key, status: claim.record.status, delivery: claim.kind });
    return {
      ...summaryOf(claim.record, false),
      status: claim.kind === 'superseded' ? 'SUPERSEDED' : claim.record.status,
    };
  }

  let record = claim.record;
  const write = async (changes: UploadChanges): Promise<void> => {
    if (!(await records.update(record, changes))) throw new LeaseLostError(record.file_key);
    record = { ...record, ...changes, revision: record.revision + 1 } as UploadRecord;
  };

  try {
    if (claim.kind === 'process') {
      if (settings.parserLatencyMs > 0) await sleep(settings.parserLatencyMs);
      if (settings.failVendor === key.vendorId) throw new DrillError(key.vendorId);
      const ending = await endingOf(deps, object, etag, key);
      await write({ ...ending, finished_at: new Date(now()).toISOString(), last_error: undefined });
    }
    if (record.status !== 'SUPERSEDED') await announce(deps, settings, record);
    await write({ announced: true, lease_until: 0 });
  } catch (error) {
    const lastError = error instanceof Error ? error.name : typeof error;
    // Best effort: when this fails too, the lease runs out by itself.
    if (!(error instanceof LeaseLostError)) {
      await write({ lease_until: 0, last_error: lastError }).catch((cause: unknown) =>
        log.warn('could not let go of the upload', { key: object.key, cause: String(cause) }),
      );
    }
    throw error;
  }
  log.info('upload ended', { ...summaryOf(record, true), attempts: record.attempts });
  return summaryOf(record, true);
};
