import { compareBytes, utf8Bytes } from '@holdfast/kernel';
import type { AttributeValue } from '../attribute-value.ts';
import { compareNumbers } from '../decimal.ts';

/** Text by its UTF-8 bytes; only where code units and bytes can disagree are the bytes looked at. */
const compareText = (left: string, right: string): number => {
  if (left === right) return 0;
  if (/[\ud800-\uffff]/.test(left) && /[\ud800-\uffff]/.test(right)) {
    return compareBytes(utf8Bytes(left), utf8Bytes(right));
  }
  return left < right ? -1 : 1;
};

/** Order of two values of the same ordered type; `undefined` when they cannot be compared. */
export const compareScalars = (left: AttributeValue, right: AttributeValue): number | undefined => {
  if (left.S !== undefined && right.S !== undefined) return compareText(left.S, right.S);
  if (left.N !== undefined && right.N !== undefined) return compareNumbers(left.N, right.N);
  if (left.B !== undefined && right.B !== undefined) return compareBytes(left.B, right.B);
  return undefined;
};
