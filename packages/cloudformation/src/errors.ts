import { ServiceError } from '@holdfast/engine';

/** CloudFormation's answer to most mistakes. */
export const validationError = (message: string): ServiceError => new ServiceError('ValidationError', message, 400);
