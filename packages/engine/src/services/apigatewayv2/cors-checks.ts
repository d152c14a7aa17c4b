import type { Cors } from '@aws-sdk/client-apigatewayv2';
import { badRequest } from './errors.ts';

const MAX_AGE_MAX_SECONDS = 86_400;
const ORIGIN = /^(?:\*|https?:\/\/\*|[a-z][a-z0-9+.-]*:\/\/[^/\s*]+)$/i;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export const checkCors = (cors: Cors | undefined): void => {
  if (cors === undefined) return;
  const lists = [cors.AllowOrigins, cors.AllowMethods, cors.AllowHeaders, cors.ExposeHeaders];
  if (cors.AllowCredentials === true && lists.some((list) => list?.includes('*') === true)) {
    throw badRequest('allow-credentials is not supported for a wildcard (*)');
  }
  const wrong = cors.AllowOrigins?.find((origin) => !ORIGIN.test(origin));
  if (wrong !== undefined) {
    throw badRequest(`Invalid format for origin ${wrong}: a scheme and a host, http://*, https://* or * is expected`);
  }
  const age = cors.MaxAge ?? 0;
  if (!Number.isInteger(age) || age < -1 || age > MAX_AGE_MAX_SECONDS) {
    throw badRequest(`MaxAge must be between -1 and ${MAX_AGE_MAX_SECONDS}`);
  }
};

/** The settings as they are for one origin: `https://*` stands for it when the scheme is its own. */
export const corsFor = (cors: Cors | undefined, origin: string | undefined): Cors | undefined => {
  const wild = origin === undefined ? undefined : `${origin.slice(0, origin.indexOf('://'))}://*`;
  if (cors === undefined || origin === undefined || !cors.AllowOrigins?.includes(wild as string)) return cors;
  return { ...cors, AllowOrigins: [...cors.AllowOrigins, origin] };
};
