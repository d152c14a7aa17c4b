import { type Environment, numberWithin, optionalText, requiredText } from '../environment.ts';
import type { Audience } from './announce.ts';

/** Files above this are refused without being read. */
export const MAX_FILE_BYTES_DEFAULT = 50 * 1024 * 1024;

/** What the parser's environment says, checked once per cold start. */
export interface CsvParserSettings extends Audience {
  readonly productsTable: string;
  readonly uploadsTable: string;
  readonly maxFileBytes: number;
  /** Waits this long before reading, like a slow downstream. */
  readonly parserLatencyMs: number;
  /** Every file of this vendor fails with a `DrillError`. */
  readonly failVendor: string | undefined;
}

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readCsvParserSettings = (environment: Environment): CsvParserSettings => ({
  productsTable: requiredText(environment, 'PRODUCTS_TABLE'),
  uploadsTable: requiredText(environment, 'UPLOADS_TABLE'),
  notificationTopicArn: requiredText(environment, 'NOTIFICATION_TOPIC_ARN'),
  validationQueueUrl: requiredText(environment, 'VALIDATION_QUEUE_URL'),
  errorQueueUrl: requiredText(environment, 'ERROR_QUEUE_URL'),
  maxFileBytes: numberWithin(environment, 'MAX_FILE_BYTES', MAX_FILE_BYTES_DEFAULT, { min: 1, max: 2 ** 40 }),
  parserLatencyMs: numberWithin(environment, 'PARSER_LATENCY_MS', 0, { min: 0, max: 900_000 }),
  failVendor: optionalText(environment, 'FAIL_VENDOR'),
});
