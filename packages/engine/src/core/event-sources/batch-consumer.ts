import type { EpochMs } from '@holdfast/kernel';

/** A batch, ready to be handed over. */
export interface BatchOffer {
  readonly requestId: string;
  /** The records as JSON, each by itself. */
  readonly records: readonly string[];
  /** Members that stand beside the records, as JSON text that begins with a comma; or nothing. */
  readonly besideRecords: string;
  readonly traceHeader: string | undefined;
  /** Trace headers of the messages: theirs are other traces, to which that of the batch is linked. */
  readonly traceLinks?: readonly string[] | undefined;
}

/** What came of a batch that reached its consumer. */
export interface BatchResult {
  readonly isError: boolean;
  /** JSON text: result or error. */
  readonly payload: string;
  readonly executedVersion: string;
}

/** Why a batch did not reach its consumer: it may be offered again later, or must not be offered again at all. */
export type BatchRefusal = 'later' | 'never';

/** Who works on what a poller reads: the function of an event source mapping, or a pipe. */
export interface BatchConsumer {
  /** Bytes of a batch with everything around its records. */
  readonly batchBytesMax: number;
  /** How long a batch may be in work, in seconds; `undefined` while there is nobody: then nothing is read. */
  timeoutSeconds(): number | undefined;
  /** Whose role reads, as records of Kinesis name it. */
  roleArn(): string | undefined;
  /**
   * Hands a batch over. `onDone` is called once unless it is refused, also with a refusal that was only found on the
   * way; it may be called before this returns.
   */
  offer(batch: BatchOffer, onDone: (result: BatchResult | BatchRefusal) => void): BatchRefusal | undefined;
  /** The newest record of a batch that was handed over was this old. */
  iteratorAge?(ageMs: number, at: EpochMs): void;
}

/** `{"Records":[` and `]}` */
export const BATCH_ENVELOPE_BYTES = 14;
