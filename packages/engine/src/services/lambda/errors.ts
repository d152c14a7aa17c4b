import { ServiceError } from '../../core/index.ts';

/** 404s carry `Message`, most others `message`: recorded from AWS, and callers do read the body. */
export const notFound = (message: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', message, 404, { Type: 'User', Message: message });

export const functionNotFound = (arn: string): ServiceError => notFound(`Function not found: ${arn}`);

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterValueException', message, 400, { Type: 'User' });

export const conflict = (message: string): ServiceError =>
  new ServiceError('ResourceConflictException', message, 409, { Type: 'User' });

export const invalidRequestContent = (message: string): ServiceError =>
  new ServiceError('InvalidRequestContentException', message, 400, { Type: 'User' });

/** Why an invocation was turned away for lack of capacity. */
export type ThrottleReason =
  | 'ConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'FunctionInvocationRateLimitExceeded'
  | 'ReservedFunctionInvocationRateLimitExceeded'
  | 'CallerRateLimitExceeded';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (TooManyRequestsException) */
export const tooManyRequests = (reason: ThrottleReason): ServiceError =>
  new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason: reason, Type: 'User' });

/** `what` names the call that tells the current revision: `GetFunction/GetAlias` or `GetPolicy`. */
export const revisionMismatch = (what: string): ServiceError =>
  new ServiceError(
    'PreconditionFailedException',
    `The Revision Id provided does not match the latest Revision Id. Call the ${what} API to retrieve the latest Revision Id`,
    412,
    { Type: 'User' },
  );

/** The documented name is RequestTooLargeException; what callers get has always been this one. */
export const requestTooLarge = (bytes: number, invocationType: string, limitBytes: number): ServiceError =>
  new ServiceError(
    'RequestEntityTooLargeException',
    `${bytes} byte payload is too large for the ${invocationType} invocation type (limit ${limitBytes} bytes)`,
    413,
    { Type: 'User' },
  );
