import type { EpochMs } from '@holdfast/kernel';
import type { Item } from './attribute-value.ts';

/** A change of an item, as a stream of the table would show it. */
export interface ItemChange {
  readonly tableArn: string;
  readonly at: EpochMs;
  readonly keys: Item;
  /** `undefined` when the item is new. */
  readonly oldImage: Item | undefined;
  /** `undefined` when the item has been deleted. */
  readonly newImage: Item | undefined;
  /** Set when DynamoDB itself deleted the item because it had expired. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' } | undefined;
}
