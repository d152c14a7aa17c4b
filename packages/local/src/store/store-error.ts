import { HoldfastError } from '@holdfast/kernel';

/** Where a data directory is not as it must be. */
export interface StoreEvidence extends ErrorOptions {
  /** The file or directory. */
  readonly path?: string;
  /** How far into the file, in bytes. */
  readonly byte?: number;
}

/** The data directory cannot be used. */
export class StoreError extends HoldfastError {
  override readonly name = 'StoreError';
  readonly code = 'STORE_UNAVAILABLE';
  /** The file or directory that the sentence is about, where it is about one. */
  readonly path: string | undefined;
  /** Where in that file, in bytes from its beginning. */
  readonly byte: number | undefined;

  constructor(message: string, { path, byte, ...options }: StoreEvidence = {}) {
    super(message, options);
    this.path = path;
    this.byte = byte;
  }
}
