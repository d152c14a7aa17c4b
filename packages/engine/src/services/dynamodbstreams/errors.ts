import { ServiceError } from '../../core/index.ts';

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

export const streamNotFound = (arn: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`, 400);

export const shardNotFound = (shardId: string, arn: string): ServiceError =>
  new ServiceError(
    'ResourceNotFoundException',
    `Requested resource not found: Shard does not exist. StreamArn: ${arn}, ShardId: ${shardId}`,
    400,
  );

export const trimmed = (): ServiceError =>
  new ServiceError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
    400,
  );

export const iteratorExpired = (): ServiceError =>
  new ServiceError('ExpiredIteratorException', 'The shard iterator has expired and can no longer be used.', 400);
