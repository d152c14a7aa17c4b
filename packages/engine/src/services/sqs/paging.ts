import { invalidParameter, invalidValue } from './errors.ts';

export const PAGE_MAX = 1_000;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/**
 * One page of a sorted list. The token names the last item given, so that items may come and go between pages.
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
  let from = 0;
  if (token !== undefined && token !== '') {
    let last: string;
    try {
      last = atob(token);
    } catch {
      throw invalidParameter('Invalid or expired next token.');
    }
    const next = sorted.findIndex((item) => nameOf(item) > last);
    from = next < 0 ? sorted.length : next;
  }
  const items = sorted.slice(from, from + (maxResults ?? PAGE_MAX));
  const hasMore = from + items.length < sorted.length;
  const last = items.at(-1);
  return {
    items,
    nextToken: maxResults !== undefined && hasMore && last !== undefined ? btoa(nameOf(last)) : undefined,
  };
};
