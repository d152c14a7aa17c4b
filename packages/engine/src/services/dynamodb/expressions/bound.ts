import type { AttributeValue } from '../attribute-value.ts';
import type { Comparator } from './syntax.ts';

/** A place in an item: attribute names and list positions. */
export type Path = readonly (string | number)[];

/** An operand with names and values filled in. */
export type BoundOperand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly of: BoundOperand };

export type BoundCondition =
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'between'; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'in'; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'and'; readonly left: BoundCondition; readonly right: BoundCondition }
  | { readonly kind: 'or'; readonly left: BoundCondition; readonly right: BoundCondition }
  | { readonly kind: 'not'; readonly condition: BoundCondition };

/** What `SET` assigns. */
export type BoundAssigned =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: BoundAssigned }
  | { readonly kind: 'list_append'; readonly left: BoundAssigned; readonly right: BoundAssigned }
  | { readonly kind: '+' | '-'; readonly left: BoundAssigned; readonly right: BoundAssigned };

export type BoundAction =
  | { readonly kind: 'SET'; readonly path: Path; readonly assigned: BoundAssigned }
  | { readonly kind: 'REMOVE'; readonly path: Path }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: Path; readonly value: AttributeValue };

/** The members of a request that expressions refer to. */
export interface ExpressionParameters {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}
