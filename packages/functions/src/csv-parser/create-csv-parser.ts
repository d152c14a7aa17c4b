import type { InvocationContext } from '../log.ts';
import { type UploadedObject, uploadedObjects } from '../s3-event.ts';
import { parseUploadKey, whyMisplaced } from '../uploads/upload-key.ts';
import { announceMisplaced } from './announce.ts';
import { MalformedEventError } from './errors.ts';
import { type CsvParserDeps, type FileSummary, processUpload } from './process-upload.ts';

/** What the parser answers: JSON, one entry per record of the event. */
export interface CsvParserSummary {
  readonly files: readonly FileSummary[];
}

/** An object that is no upload: whoever meant it to be one is told, once per delivery. */
const turnAway = async (deps: CsvParserDeps, { bucket, key, etag }: UploadedObject): Promise<FileSummary> => {
  const reason = whyMisplaced(key);
  deps.log.warn('not an upload, not read', { bucket, key, reason });
  if (reason === undefined) return { bucket, key, status: 'IGNORED', isNew: false };
  await announceMisplaced(deps.sns, deps.settings.notificationTopicArn, { bucket, key, etag, reason });
  return { bucket, key, status: 'MISPLACED', isNew: true, reason };
};

/**
 * The parser as a function of what it touches: takes an S3 event (with or without `retryMetadata`), brings every file
 * in it to its end, and answers with a summary.
 *
 * All records are tried even when one fails; then the first failure is thrown, and the retry of the event finds the
 * other records done.
 *
 * @throws {@link MalformedEventError} when the event names no objects
 */
export const createCsvParser = (deps: CsvParserDeps) => {
  let isColdStart = true;
  return async (event: unknown, context: InvocationContext): Promise<CsvParserSummary> => {
    const objects = uploadedObjects(event);
    if (objects === undefined) throw new MalformedEventError('the event has no S3 records');

    const retry = (event as { retryMetadata?: unknown }).retryMetadata;
    const deliveredBy = retry === undefined ? 'event' : 'retry';
    if (retry !== undefined) deps.log.info('a retry', { retry });

    const files: FileSummary[] = [];
    const failures: unknown[] = [];
    for (const object of objects) {
      const key = parseUploadKey(object.key);
      try {
        files.push(
          key === undefined
            ? await turnAway(deps, object)
            : await processUpload(deps, object, key, context, { deliveredBy, isColdStart }),
        );
      } catch (error) {
        deps.log.error('upload failed', {
          key: object.key,
          error: error instanceof Error ? error.name : String(error),
        });
        failures.push(error);
      }
    }
    isColdStart = false;
    if (failures.length > 0) throw failures[0];
    return { files };
  };
};
