import { ServiceError } from '../../core/index.ts';

/** The caller's mistake, in DynamoDB's words. */
export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

/** As {@link invalid}, with the sentence most checks of values begin with. */
export const invalidValue = (rule: string): ServiceError =>
  invalid(`One or more parameter values were invalid: ${rule}`);

/** A key of the wrong type or shape: a plain refusal, but in a transaction a reason for cancelling it. */
export class KeyMismatch extends ServiceError {
  constructor(message: string) {
    super('ValidationException', message, 400);
  }
}

/** A table that reads and writes name but that is not there. */
export const tableNotFound = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'Requested resource not found', 400);

/** The same for calls about the table itself, which name it. */
export const namedTableNotFound = (name: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`, 400);
