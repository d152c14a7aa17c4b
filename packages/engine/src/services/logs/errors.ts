import { ServiceError } from '../../core/index.ts';

export const groupMissing = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.', 400);

export const streamMissing = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.', 400);

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterException', message, 400);
