import type { GatewayOptions } from './options.ts';

/** Whose credentials these are: an account's own, or those of an execution environment. */
export const accountOf = (
  { defaultAccount, identify }: GatewayOptions,
  accessKeyId: string | undefined,
): { readonly account: string; readonly arn?: string | undefined } => {
  if (accessKeyId === undefined) return { account: defaultAccount };
  if (/^\d{12}$/.test(accessKeyId)) return { account: accessKeyId };
  return identify?.(accessKeyId) ?? { account: defaultAccount };
};
