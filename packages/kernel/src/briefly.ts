/** Work was given up because it took too long. */
export class TookTooLongError extends Error {
  override readonly name = 'TookTooLongError';
}

/**
 * Runs work that somebody else wrote and that may never end, a regular expression above all, and gives it up after so much real time.
 * It can end anywhere: the work may compute, and change nothing.
 *
 * @throws TookTooLongError
 */
export type Briefly = <T>(limitMs: number, work: () => T) => T;
