import { HoldfastError } from '@holdfast/kernel';

/** The data directory cannot be used. */
export class StoreError extends HoldfastError {
  override readonly name = 'StoreError';
  readonly code = 'STORE_UNAVAILABLE';
}
