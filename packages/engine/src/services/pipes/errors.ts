import { ServiceError } from '../../core/index.ts';

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);
export const notFound = (name: string): ServiceError =>
  new ServiceError('NotFoundException', `Pipe ${name} does not exist.`, 404);
export const conflict = (message: string): ServiceError => new ServiceError('ConflictException', message, 409);
