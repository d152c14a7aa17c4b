/** What batches of one size, failed as a whole, did to good messages: on average over the seeds, at least, at most. */
export interface BatchSizeResult {
  readonly size: number;
  readonly goodInDlq: number;
  readonly min: number;
  readonly max: number;
}
