import { ServiceError } from '../../core/index.ts';

/** The caller's mistake, in DynamoDB's words. */
export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

const INVALID_VALUES = 'One or more parameter values were invalid: ';

/** As {@link invalid}, with the sentence most checks of values begin with. */
export const invalidValue = (rule: string): ServiceError => invalid(`${INVALID_VALUES}${rule}`);

/** A value of an expression that is none. Most operations say which one it is. */
export class InvalidExpressionValue extends ServiceError {
  readonly reason: string;

  constructor(reason: string, key: string) {
    super('ValidationException', `ExpressionAttributeValues contains invalid value: ${reason} for key ${key}`, 400);
    this.reason = reason;
  }
}

const COUNTED = /^\d+ validation errors? detected/;

/**
 * What is wrong with a request by itself, in the words of writes of one item and of a query's `Select`. Since August 2026 these count
 * it, as all operations do for shapes, and do not say which value of an expression is wrong; others do neither.
 *
 * @throws ServiceError what `judge` throws, with the count in front
 */
export const counted = <Value>(judge: () => Value): Value => {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ValidationException') throw error;
    if (COUNTED.test(error.message)) throw error;
    const isPlain = error instanceof InvalidExpressionValue && error.reason.startsWith(INVALID_VALUES);
    const text = isPlain ? error.reason : error.message;
    throw invalid(`1 validation error detected: ${text}`);
  }
};

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
