import { HoldfastError } from '@holdfast/kernel';

/** What was asked for cannot be done here; the message names it, and the way out where there is one. */
export class NotSupportedError extends HoldfastError {
  override readonly name = 'NotSupportedError';
  readonly code = 'NOT_SUPPORTED';

  /** The action as people call it: `rehearse`. */
  readonly what: string;
  readonly because: string;

  constructor(what: string, because: string) {
    super(`${what} is not supported: ${because}`);
    this.what = what;
    this.because = because;
  }
}
