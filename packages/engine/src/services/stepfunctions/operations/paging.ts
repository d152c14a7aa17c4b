import { Constraints, pageByPosition } from '../../../core/index.ts';
import { invalidToken } from '../errors.ts';

export interface PageInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

const TOKEN_MAX = 1_024;
const TOKEN_MAX_EXECUTIONS = 3_096;

/** One page of a list that is read by position. */
export const takePage = <Entry>(
  entries: readonly Entry[],
  input: PageInput,
  options: { readonly isOfExecutions?: boolean; readonly scope?: string } = {},
): { readonly page: readonly Entry[]; readonly nextToken?: string } => {
  new Constraints()
    .range('maxResults', input.maxResults, 0, 1_000)
    .length('nextToken', input.nextToken, 1, options.isOfExecutions === true ? TOKEN_MAX_EXECUTIONS : TOKEN_MAX)
    .check();
  const { page, next } = pageByPosition(entries, {
    token: input.nextToken,
    size: input.maxResults === undefined || input.maxResults === 0 ? 100 : input.maxResults,
    scope: options.scope ?? '',
    invalid: invalidToken,
  });
  return next === undefined ? { page } : { page, nextToken: next };
};
