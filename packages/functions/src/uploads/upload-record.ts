/** Why a file as a whole cannot be read. Stable: vendors and tests see it. */
export type UnreadableReason = 'EMPTY' | 'NOT_CSV' | 'WRONG_HEADER' | 'BAD_ENCODING' | 'TOO_LARGE' | 'OBJECT_MISSING';

/**
 * ```text
 *  PROCESSING ──▶ COMPLETED | COMPLETED_WITH_ERRORS | FAILED | SUPERSEDED
 *      ▲  a later content of the same key, or an expired lease, begins anew
 * ```
 * `SUPERSEDED`: when the event was processed the object already had another content, whose own event follows.
 */
export type UploadStatus = 'PROCESSING' | 'COMPLETED' | 'COMPLETED_WITH_ERRORS' | 'FAILED' | 'SUPERSEDED';

/** One item of the uploads table: what became of the latest content of one key. Snake case as in the table. */
export interface UploadRecord {
  readonly vendor_id: string;
  /** The whole object key. */
  readonly file_key: string;
  readonly bucket: string;
  readonly etag: string;
  readonly sequencer?: string | undefined;
  readonly upload_id: string;
  readonly status: UploadStatus;
  /** Counts the different contents this key has had. */
  readonly version: number;
  /** Goes up with every write of the parser; each write is conditional on the one before. */
  readonly revision: number;
  /** How often the parser began with this content. */
  readonly attempts: number;
  /** Who brought the event this time: S3 by Lambda's own queue, or the retry function after the dead-letter queue. */
  readonly delivered_by: 'event' | 'retry';
  /** When S3 reported this content. With `started_at` it tells how long the event waited for a slot. */
  readonly reported_at?: string | undefined;
  readonly started_at: string;
  /** Whether this content was begun by the first run of an environment: the wait for it was a start, not a throttle. */
  readonly cold_start?: true | undefined;
  readonly finished_at?: string | undefined;
  /** Request id of the invocation that works on it. */
  readonly lease_id: string;
  /** Epoch milliseconds after which that invocation cannot be alive any more; 0 when it let go. */
  readonly lease_until: number;
  /** False between the last state and the notice; a delivery that finds it so sends the notice again. */
  readonly announced: boolean;
  readonly reason?: UnreadableReason | undefined;
  readonly detail?: string | undefined;
  readonly rows?: number | undefined;
  readonly accepted?: number | undefined;
  readonly rejected?: number | undefined;
  readonly products?: number | undefined;
  /** Key of the report of rejected rows. */
  readonly error_report?: string | undefined;
  /** Some of the products' ids, for the validator. */
  readonly sample?: readonly string[] | undefined;
  /** Type of the error that ended the last attempt, while it waits for the next. */
  readonly last_error?: string | undefined;
}

/** Whether nothing will change any more, whatever is delivered again. */
export const isFinal = (status: UploadStatus): boolean => status !== 'PROCESSING';
