import { isMissing, ServiceError } from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';

/** What a handler's error is called in CloudFormation's contract. */
const handlerErrorCode = (error: ServiceError): string => {
  if (/AlreadyExists|AlreadyOwned|InUse|Conflict|QueueNameExists/i.test(error.code)) return 'AlreadyExists';
  if (isMissing(error)) return 'NotFound';
  if (/Throttl|TooManyRequests|LimitExceeded/i.test(error.code)) return 'Throttling';
  if (/AccessDenied/i.test(error.code)) return 'AccessDenied';
  return error.status >= 500 && error.status !== 501 ? 'GeneralServiceException' : 'InvalidRequest';
};

/** Words a failure as resource events show it. */
export const failureReason = (error: unknown, service: string, ids: IdSource): string => {
  if (!(error instanceof ServiceError))
    return `Internal Failure: ${error instanceof Error ? error.message : String(error)}`;
  return `Resource handler returned message: "${error.message} (Service: ${service}, Status Code: ${error.status}, Request ID: ${ids.uuid()})" (RequestToken: ${ids.uuid()}, HandlerErrorCode: ${handlerErrorCode(error)})`;
};
