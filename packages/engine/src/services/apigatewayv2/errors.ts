import { ServiceError } from '../../core/index.ts';

export const badRequest = (message: string): ServiceError => new ServiceError('BadRequestException', message, 400);
export const conflict = (message: string): ServiceError => new ServiceError('ConflictException', message, 409);
/** `Invalid Route identifier specified abc` */
export const notFound = (kind: string, id: string): ServiceError =>
  new ServiceError('NotFoundException', `Invalid ${kind} identifier specified ${id}`, 404);
export const noSuchRouteKey = (key: string): ServiceError =>
  new ServiceError('NotFoundException', `Unable to find Route by key ${key} within the provided RouteSettings`, 404);
