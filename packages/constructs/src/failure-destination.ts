import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as destinations from 'aws-cdk-lib/aws-lambda-destinations';
import { SnsDlq, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { pipelineQueue } from './pipeline-queue.ts';
import { InvalidPropError } from './prop-rules.ts';

/** Where the result of an asynchronous invocation can go. */
export type AsyncDestination = sqs.IQueue | sns.ITopic | lambda.IFunction | events.IEventBus | events.EventBus;

/** Where the record of a failed batch of a stream can go. */
export type StreamFailureDestination = sqs.IQueue | sns.ITopic;

/** Time for people to notice: the most that SQS offers. */
const KEPT_FOR = Duration.days(14);

/** A queue for what failed: encrypted, TLS only, fourteen days, and it outlives its stack. */
export const failureQueue = (scope: Construct, id: string, queueName?: string, encryptionKey?: kms.IKey): sqs.Queue =>
  pipelineQueue(scope, id, {
    ...(queueName === undefined ? {} : { queueName }),
    ...(queueName?.endsWith('.fifo') ? { fifo: true } : {}),
    retentionPeriod: KEPT_FOR,
    encryptionKey,
  });

/** @throws InvalidPropError for a FIFO queue, which takes no events of Lambda or EventBridge that failed */
export const checkStandard = (field: string, target: object | undefined): void => {
  if (target === undefined || !('queueArn' in target)) return;
  const { fifo, queueName } = target as sqs.IQueue;
  if (fifo) throw new InvalidPropError(field, queueName, 'must be a standard queue: FIFO queues take no failed events');
};

/** As CDK wants it for asynchronous invocations, with the permission that it takes. */
export const asyncDestination = (target: AsyncDestination): lambda.IDestination => {
  if ('queueArn' in target) return new destinations.SqsDestination(target);
  if ('topicArn' in target) return new destinations.SnsDestination(target);
  if ('eventBusArn' in target) return new destinations.EventBridgeDestination(target as events.IEventBus);
  return new destinations.LambdaDestination(target);
};

/** As CDK wants it for streams, with the permission that it takes. */
export const streamFailureDestination = (target: StreamFailureDestination): lambda.IEventSourceDlq =>
  'queueArn' in target ? new SqsDlq(target) : new SnsDlq(target);
