import { ServiceError } from '../../core/index.ts';

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

export const busMissing = (name: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `Event bus ${name} does not exist.`, 400);

export const ruleMissing = (name: string, busName: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${busName}.`, 400);

export const limitExceeded = (): ServiceError =>
  new ServiceError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.', 400);

export const archiveMissing = (name: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `Archive ${name} does not exist.`, 400);
