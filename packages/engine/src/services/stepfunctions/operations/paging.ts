import { Constraints } from '../../../core/index.ts';
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
  const scope = options.scope ?? '';
  const start = input.nextToken === undefined ? 0 : readPosition(input.nextToken, scope);
  const size = input.maxResults === undefined || input.maxResults === 0 ? 100 : input.maxResults;
  const end = start + size;
  const page = entries.slice(start, end);
  if (end >= entries.length) return { page };
  return { page, nextToken: Buffer.from(JSON.stringify(['holdfast', scope, end])).toString('base64') };
};

const readPosition = (token: string, scope: string): number => {
  try {
    const [mark, of, position] = JSON.parse(Buffer.from(token, 'base64').toString()) as [string, string, number];
    if (mark === 'holdfast' && of === scope && Number.isInteger(position)) return position;
  } catch {
    throw invalidToken();
  }
  throw invalidToken();
};
