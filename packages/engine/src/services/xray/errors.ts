import { ServiceError } from '../../core/index.ts';

export const invalidRequest = (message: string): ServiceError =>
  new ServiceError('InvalidRequestException', message, 400);
