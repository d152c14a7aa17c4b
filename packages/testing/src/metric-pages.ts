import type { LocalEngine } from '@holdfast/local';

/** All pages of a list of CloudWatch's. */
export const pagesOf = function* <Page extends { readonly NextToken?: string }>(
  local: LocalEngine,
  region: string | undefined,
  action: string,
  input: object,
): Generator<Page> {
  let token: object = {};
  for (;;) {
    const context = local.context(region === undefined ? {} : { region });
    const page = local.engine.call('cloudwatch', action, { ...input, ...token }, context) as Page;
    yield page;
    if (page.NextToken === undefined) return;
    token = { NextToken: page.NextToken };
  }
};
