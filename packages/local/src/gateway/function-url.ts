import type { UrlRequest } from '@holdfast/engine';
import type { SignatureScope } from './sigv4.ts';
import { headerOf, type WireRequest } from './wire.ts';

const BY_PATH = /^\/_holdfast\/lambda-url\/([0-9a-z]{32})(\/.*|$)/;
const BY_HOST = /^([0-9a-z]{32})\.lambda-url\./;

/** Whether a request goes to the URL of a function: by its path, or by its host as on AWS. */
export const functionUrlTarget = ({
  path,
  host,
}: Pick<WireRequest, 'path' | 'host'>): { readonly urlId: string; readonly path: string } | undefined => {
  const byPath = BY_PATH.exec(path);
  if (byPath !== null) return { urlId: byPath[1] as string, path: byPath[2] || '/' };
  const byHost = BY_HOST.exec(host ?? '');
  return byHost === null ? undefined : { urlId: byHost[1] as string, path };
};

/** The request as the function's URL gets it. */
export const functionUrlRequest = (
  request: WireRequest,
  target: { readonly urlId: string; readonly path: string },
  scope: SignatureScope | undefined,
  account: string,
): UrlRequest => ({
  ...target,
  method: request.method,
  query: request.query,
  headers: Object.fromEntries(
    Object.keys(request.headers)
      .filter((name) => !name.startsWith(':'))
      .map((name) => [name, headerOf(request, name) ?? '']),
  ),
  body: request.body,
  sourceIp: request.sourceIp ?? '127.0.0.1',
  host: request.host ?? '',
  accessKeyId: scope?.accessKeyId,
  account,
});
