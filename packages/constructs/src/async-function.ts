import { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AsyncDestination, asyncDestination, checkStandard, failureQueue } from './failure-destination.ts';
import { checkDuration, checkWhole } from './prop-rules.ts';

/** What an {@link AsyncFunction} is made from. */
export interface AsyncFunctionProps {
  /** Any function that is invoked asynchronously: by S3, SNS, EventBridge, or with `InvocationType` `Event`. */
  readonly function: lambda.IFunction;
  /**
   * Retries after an error of the function, 0 to 2: after one minute, and after two more.
   * @default 2
   */
  readonly retryAttempts?: number;
  /**
   * How long an event waits in Lambda, throttled or between retries, before it is given up, 60 s to 6 h.
   * @default Duration.hours(6)
   */
  readonly maxEventAge?: Duration;
  /** Who gets what was given up, with reason, attempts and answer. @default - a queue of its own, 14 days */
  readonly onFailure?: AsyncDestination;
  /** Name of the queue that is made when `onFailure` is left out. @default - chosen by CloudFormation */
  readonly failureQueueName?: string;
  /** Encrypts the queue that is made here. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
  /** Who gets event and answer of what succeeded. @default - nobody */
  readonly onSuccess?: AsyncDestination;
}

/** What an {@link AsyncFunction} gets when its props leave it out. */
export const ASYNC_FUNCTION_DEFAULTS = { retryAttempts: 2, maxEventAge: Duration.hours(6) } as const;

/**
 * Settles what becomes of the asynchronous events of a function, so that none is dropped: attempts, age, and where the
 * record of a failure goes.
 *
 * A destination and not a dead-letter config: its record says why, how often and with what answer; a dead-letter config
 * keeps the bare event. Neither has to do with synchronous callers, queues or streams.
 *
 * @example
 * ```ts
 * new AsyncFunction(stack, 'Thumbnails', {
 *   function: thumbnails,
 *   retryAttempts: 2,
 *   maxEventAge: Duration.hours(1),
 * });
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncFunction extends Construct {
  /** The queue that was made because `onFailure` was left out. */
  readonly failureQueue: sqs.Queue | undefined;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: AsyncFunctionProps) {
    super(scope, id);
    const { onSuccess } = props;
    const retryAttempts = props.retryAttempts ?? ASYNC_FUNCTION_DEFAULTS.retryAttempts;
    const maxEventAge = props.maxEventAge ?? ASYNC_FUNCTION_DEFAULTS.maxEventAge;
    checkWhole('retryAttempts', retryAttempts, 0, 2, ': more are for mappings of streams');
    checkDuration('maxEventAge', maxEventAge, Duration.seconds(60), Duration.hours(6), ": a day is EventBridge's");
    checkStandard('onFailure', props.onFailure);
    checkStandard('onSuccess', onSuccess);
    this.failureQueue =
      props.onFailure === undefined
        ? failureQueue(this, 'Failures', props.failureQueueName, props.encryptionKey)
        : undefined;
    props.function.configureAsyncInvoke({
      retryAttempts,
      maxEventAge,
      onFailure: asyncDestination(props.onFailure ?? (this.failureQueue as sqs.Queue)),
      ...(onSuccess === undefined ? {} : { onSuccess: asyncDestination(onSuccess) }),
    });
  }
}
