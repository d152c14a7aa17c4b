import { rootArn } from '@holdfast/aws-model';
import { httpEvent, type RouteRequest } from '../../../core/index.ts';
import type { UrlTarget } from './url-registry.ts';

/** A request to a function URL; the path, below the URL, begins with a slash. */
export interface UrlRequest extends RouteRequest {
  readonly urlId: string;
}

/** The host of the URL without port; a URL that is reached by path has only the name that AWS would give it. */
const domainNameOf = (request: UrlRequest, region: string): string => {
  const ownHost = `${request.urlId}.lambda-url.`;
  return request.host.startsWith(ownHost) ? (request.host.split(':')[0] as string) : `${ownHost}${region}.on.aws`;
};

/** What a function hears of a request to its URL. */
export const urlEvent = (
  request: UrlRequest,
  { record, url }: UrlTarget,
  requestId: string,
  traceHeader: string,
  now: number,
): Record<string, unknown> => {
  const isSigned = url.authType === 'AWS_IAM';
  const iam = {
    accessKey: request.accessKeyId,
    accountId: request.account,
    callerId: request.account,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: rootArn(request.account),
    userId: request.account,
  };
  return httpEvent(request, {
    accountId: isSigned ? request.account : 'anonymous',
    apiId: url.urlId,
    authorizer: isSigned ? { iam } : undefined,
    domainName: domainNameOf(request, record.region),
    requestId,
    routeKey: '$default',
    stage: '$default',
    traceHeader,
    now,
  });
};
