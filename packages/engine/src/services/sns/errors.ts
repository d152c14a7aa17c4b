import { ServiceError } from '../../core/index.ts';

/** `Invalid parameter: ...`, the answer to most mistakes. */
export const invalidParameter = (detail: string): ServiceError =>
  new ServiceError('InvalidParameter', `Invalid parameter: ${detail}`, 400);

export const topicNotFound = (): ServiceError => new ServiceError('NotFound', 'Topic does not exist', 404);

export const subscriptionNotFound = (): ServiceError =>
  new ServiceError('NotFound', 'Subscription does not exist', 404);

/** A message attribute that breaks a rule. */
export const invalidAttribute = (message: string): ServiceError =>
  new ServiceError('ParameterValueInvalid', message, 400);

/** To a request without a signature, for a subscription that only its owner ends. */
export const mustSign = (): ServiceError =>
  new ServiceError('AuthorizationError', 'User is not authorized to perform this action', 403);
