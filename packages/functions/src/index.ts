export { type Ambient, ambient } from './ambient.ts';
export { type CsvParserSummary, createCsvParser } from './csv-parser/create-csv-parser.ts';
export { DrillError, MalformedEventError } from './csv-parser/errors.ts';
export type { CsvParserDeps, FileSummary } from './csv-parser/process-upload.ts';
export { type CsvParserSettings, MAX_FILE_BYTES_DEFAULT, readCsvParserSettings } from './csv-parser/settings.ts';
export {
  createDeadLetterReplay,
  type DeadLetterReplayDeps,
  MaxAttemptsError,
} from './dead-letter-replay/create-dead-letter-replay.ts';
export { type DeadLetterReplaySettings, readDeadLetterReplaySettings } from './dead-letter-replay/settings.ts';
export { createErrorProcessor, type ErrorProcessorDeps } from './error-processor/create-error-processor.ts';
export { originalAttributes } from './middleware/message-notes.ts';
export { createProductValidator, type ProductValidatorDeps } from './product-validator/create-product-validator.ts';
export {
  createScheduledRetry,
  RetryRunFailedError,
  type ScheduledRetryDeps,
  type ScheduledRetrySummary,
} from './scheduled-retry/create-scheduled-retry.ts';
export { anyEvents, type EventDescription, type RetriedEvents } from './scheduled-retry/retried-events.ts';
export {
  RETRY_DEFAULTS,
  readScheduledRetrySettings,
  type ScheduledRetrySettings,
} from './scheduled-retry/settings.ts';
export { retriedUploads } from './uploads/retried-uploads.ts';
export type { UploadRecord, UploadStatus } from './uploads/upload-record.ts';
