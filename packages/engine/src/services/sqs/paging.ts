import { pageByKey } from '../../core/index.ts';
import { invalidParameter, invalidValue } from './errors.ts';

export const PAGE_MAX = 1_000;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/**
 * One page of a sorted list.
 * As in SQS there is a token only when `MaxResults` is given.
 */
export const pageOf = <Item>(
  sorted: readonly Item[],
  nameOf: (item: Item) => string,
  request: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): Page<Item> => {
  const { MaxResults: maxResults, NextToken: token } = request;
  if (maxResults !== undefined && !(Number.isInteger(maxResults) && maxResults >= 1 && maxResults <= PAGE_MAX)) {
    throw invalidValue(maxResults, 'MaxResults', `MaxResults must be an integer between 1 and ${PAGE_MAX}.`);
  }
  const invalid = () => invalidParameter('Invalid or expired next token.');
  const { page, next } = pageByKey(sorted, nameOf, { token, size: maxResults ?? PAGE_MAX, invalid });
  return { items: page, nextToken: maxResults === undefined ? undefined : next };
};
