import { retryHandler } from '../scheduled-retry/retry-handler.ts';
import { retriedUploads } from '../uploads/retried-uploads.ts';

/** Entry point of the `csv-parser-retry` function: a schedule's event, of which nothing is read. */
export const handler = retryHandler(retriedUploads);
