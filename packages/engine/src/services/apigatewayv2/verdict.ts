import type { RouteAnswer } from '../../core/index.ts';

/** What an authorizer said of a caller that it lets in. */
export interface Authorized {
  /** As `requestContext.authorizer` of payload format 2.0. */
  readonly ofFormat2: object;
  /** As `requestContext.authorizer` of payload format 1.0. */
  readonly ofFormat1: object;
  /** Behind `$context.authorizer.`. */
  readonly values: Readonly<Record<string, string>>;
}

export type Verdict = { readonly authorized: Authorized } | { readonly answer: RouteAnswer; readonly error: string };
