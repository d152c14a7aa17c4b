/**
 * One page of a list sorted by key. The token names the last key of the page before, so that what is added or removed
 * meanwhile shifts nothing.
 *
 * @throws what `invalid` makes when the token is none of these
 */
export const pageByKey = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  token: string | undefined,
  size: number,
  invalid: () => Error,
): { page: Item[]; NextToken?: string } => {
  let start = 0;
  if (token !== undefined) {
    const last = Buffer.from(token, 'base64').toString();
    if (last === '') throw invalid();
    start = items.findIndex((item) => keyOf(item) > last);
    if (start < 0) start = items.length;
  }
  const page = items.slice(start, start + size);
  const end = page.at(-1);
  return start + size < items.length && end !== undefined
    ? { page, NextToken: Buffer.from(keyOf(end)).toString('base64') }
    : { page };
};

/** By UTF-16 units, as keys are compared above. */
export const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
