import { ServiceError } from '../../core/index.ts';

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);
export const notFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message, 404);
export const conflict = (message: string): ServiceError => new ServiceError('ConflictException', message, 409);

export const quotaExceeded = (message: string): ServiceError =>
  new ServiceError('ServiceQuotaExceededException', message, 402);

export const invalidToken = (): ServiceError => validation('Invalid NextToken.');
