import { HoldfastError } from '@holdfast/kernel';

/** The store holds something that no engine has put there. It is refused before anything is made of it, and left as it is. */
export class ForeignDataError extends HoldfastError {
  override readonly name = 'ForeignDataError';
  readonly code = 'FOREIGN_DATA';
  readonly collection: string;
  readonly key: string;

  constructor(collection: string, key: string, rule: string) {
    super(`the store holds ${JSON.stringify(key)} in ${collection}, which no engine has put there: ${rule}`);
    this.collection = collection;
    this.key = key;
  }
}
