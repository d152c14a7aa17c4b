import { pageByPosition, ServiceError, withNextToken } from '../../core/index.ts';

/** One page of a list. */
export const pageOf = <Item>(items: readonly Item[], token: string | undefined, size: number) =>
  withNextToken(
    pageByPosition(items, {
      token,
      size,
      invalid: () => new ServiceError('InvalidNextToken', 'The value for parameter NextToken is invalid.', 400),
    }),
  );
