import { ServiceError } from '../../core/index.ts';

export const tooManyTags = (arn: string) => (): ServiceError =>
  new ServiceError('TooManyTags', `Too many tags: '${arn}'`, 400);

export const invalidArn = (text: string): ServiceError =>
  new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${text}'`, 400);

export const machineMissing = (arn: string): ServiceError =>
  new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`, 400);

export const executionMissing = (arn: string): ServiceError =>
  new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`, 400);

export const activityMissing = (arn: string): ServiceError =>
  new ServiceError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`, 400);

export const invalidName = (name: string): ServiceError =>
  new ServiceError('InvalidName', `Invalid Name: '${name}'`, 400);

export const invalidToken = (): ServiceError => new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'", 400);

export const taskGone = (): ServiceError =>
  new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'", 400);

export const wrongType = (): ServiceError =>
  new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
    400,
  );

export const resourceMissing = (arn: string): ServiceError =>
  new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`, 400);

export const conflict = (message: string): ServiceError => new ServiceError('ConflictException', message, 400);

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);
