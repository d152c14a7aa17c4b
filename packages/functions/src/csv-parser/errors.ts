import type { KnownErrorTypes } from '@holdfast/retry';

/** The event is no S3 event at all; nothing about it will get better. */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}

/** Thrown for one vendor on purpose (`FAIL_VENDOR`), to see what becomes of events that never work. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly vendorId: string;

  constructor(vendorId: string) {
    super(`a drill: every file of ${vendorId} fails`);
    this.vendorId = vendorId;
  }
}

/** Another invocation works on this upload, or worked on it and its lease has not run out. Comes right by waiting. */
export class UploadInProgressError extends Error {
  override readonly name = 'UploadInProgressError';
  readonly key: string;
  /** Epoch milliseconds. */
  readonly until: number;

  constructor(key: string, until: number) {
    super(`${key} is being processed by another invocation, until ${new Date(until).toISOString()} at the latest`);
    this.key = key;
    this.until = until;
  }
}

/** The lease was lost while working: somebody else has taken the upload over. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly key: string;

  constructor(key: string) {
    super(`${key} was taken over by another invocation`);
    this.key = key;
  }
}

/** DynamoDB kept handing items back although everything was tried that is reasonable within one invocation. */
export class UnprocessedItemsError extends Error {
  override readonly name = 'UnprocessedItemsError';
  readonly count: number;
  readonly attempts: number;

  constructor(count: number, attempts: number) {
    super(`${count} items were still unprocessed after ${attempts} attempts`);
    this.count = count;
    this.attempts = attempts;
  }
}

/**
 * What the parser's errors mean to who invokes it again. By name, for that is all an answer of Lambda carries; a bundler
 * may rename the classes, their `name` members it leaves alone.
 */
export const PARSER_ERROR_TYPES = {
  throttled: ['UploadInProgressError'],
  transient: ['UnprocessedItemsError', 'LeaseLostError'],
  permanent: ['MalformedEventError'],
} as const satisfies KnownErrorTypes;
