import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { failureQueue } from './failure-destination.ts';
import { checkDuration, checkWhole, InvalidPropError } from './prop-rules.ts';

/** How often, and after how long, errors of some types are tried again. */
export interface ErrorRetry {
  /** Names of errors as the function throws them, or of Step Functions, e.g. `Lambda.TooManyRequestsException`. */
  readonly errors: readonly string[];
  /** Retries after the first try. @default 3 */
  readonly maxAttempts?: number;
  /** Wait before the first retry, in whole seconds. @default Duration.seconds(2) */
  readonly interval?: Duration;
  /** Each wait is so much longer than the one before, from 1. @default 2 */
  readonly backoffRate?: number;
  /** No wait is longer. @default Duration.seconds(30) */
  readonly maxDelay?: Duration;
  /** Draws each wait between none and all of it, so that what failed together does not come back together. @default true */
  readonly jitter?: boolean;
}

/** What a {@link RetryByError} is made from. */
export interface RetryByErrorProps {
  readonly stateMachineName: string;
  /** What is tried, with the input of the execution. */
  readonly function: lambda.IFunction;
  /**
   * In order: of an error the first that names it counts. Throttles and faults of Lambda itself belong to one of them.
   * @default - `TransientError` and what Lambda itself refuses, with the defaults of {@link ErrorRetry}
   */
  readonly retries?: readonly ErrorRetry[];
  /** Keeps the input and error of what is given up. A standard queue. @default - a queue is made, `<state machine>-dlq` */
  readonly deadLetterQueue?: sqs.IQueue;
}

/** What a {@link RetryByError} gets when its props leave it out. */
export const RETRY_BY_ERROR_DEFAULTS = {
  errors: ['TransientError', 'Lambda.TooManyRequestsException', 'Lambda.ServiceException'],
  maxAttempts: 3,
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.seconds(30),
  jitter: true,
} as const;

const ANY_ERROR = 'States.ALL';

const checkRetries = (retries: readonly ErrorRetry[]): void => {
  retries.forEach((retry, index) => {
    const { errors, maxAttempts = 0, backoffRate = 1 } = retry;
    const interval = retry.interval ?? RETRY_BY_ERROR_DEFAULTS.interval;
    const maxDelay = retry.maxDelay ?? RETRY_BY_ERROR_DEFAULTS.maxDelay;
    const field = `retries[${index}]`;
    if (errors.length === 0) throw new InvalidPropError(`${field}.errors`, '[]', 'must name an error');
    const isLast = index === retries.length - 1;
    if (errors.includes(ANY_ERROR) && (errors.length > 1 || !isLast)) {
      throw new InvalidPropError(
        `${field}.errors`,
        errors.join(', '),
        `must have ${ANY_ERROR} alone, in the last of all`,
      );
    }
    checkWhole(`${field}.maxAttempts`, maxAttempts, 0, 99_999_999);
    checkWhole(`${field}.interval`, interval.toMilliseconds() / 1_000, 1, 99_999_999, ': seconds');
    checkDuration(
      `${field}.maxDelay`,
      maxDelay,
      interval,
      Duration.days(365),
      ': no wait is longer, the first included',
    );
    if (!(backoffRate >= 1)) throw new InvalidPropError(`${field}.backoffRate`, backoffRate, 'must be 1 or more');
  });
};

/**
 * A state machine that tries a function again by the type of its error, and keeps what it gives up, with the error: what may pass is
 * retried with backoff and jitter, what never will is kept at once.
 *
 * @example
 * ```ts
 * new RetryByError(stack, 'Booking', {
 *   stateMachineName: 'booking',
 *   function: booking,
 *   retries: [{ errors: ['StoreIsBusy'], maxAttempts: 5 }],
 * });
 * ```
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export class RetryByError extends Construct {
  readonly stateMachine: sfn.StateMachine;
  readonly deadLetterQueue: sqs.IQueue;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: RetryByErrorProps) {
    super(scope, id);
    const { stateMachineName, retries = [{ errors: RETRY_BY_ERROR_DEFAULTS.errors }] } = props;
    checkRetries(retries);
    checkWhole('stateMachineName.length', stateMachineName.length, 1, 80);
    if (props.deadLetterQueue?.fifo) {
      throw new InvalidPropError(
        'deadLetterQueue',
        props.deadLetterQueue.queueName,
        'must be a standard queue: nothing here names a group',
      );
    }
    this.deadLetterQueue = props.deadLetterQueue ?? failureQueue(this, 'DeadLetters', `${stateMachineName}-dlq`);
    const keep = new tasks.SqsSendMessage(this, 'Keep', {
      queue: this.deadLetterQueue,
      messageBody: sfn.TaskInput.fromObject({ 'input.$': '$$.Execution.Input', 'error.$': '$' }),
    });
    // What keeps an event must not give up over a moment's trouble.
    keep.addRetry({
      errors: [ANY_ERROR],
      interval: Duration.seconds(5),
      maxAttempts: 40,
      maxDelay: Duration.minutes(10),
    });
    const invoke = new tasks.LambdaInvoke(this, 'Process', {
      lambdaFunction: props.function,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
    });
    for (const retry of retries) {
      invoke.addRetry({
        errors: [...retry.errors],
        interval: retry.interval ?? RETRY_BY_ERROR_DEFAULTS.interval,
        backoffRate: retry.backoffRate ?? RETRY_BY_ERROR_DEFAULTS.backoffRate,
        maxAttempts: retry.maxAttempts ?? RETRY_BY_ERROR_DEFAULTS.maxAttempts,
        maxDelay: retry.maxDelay ?? RETRY_BY_ERROR_DEFAULTS.maxDelay,
        jitterStrategy: (retry.jitter ?? RETRY_BY_ERROR_DEFAULTS.jitter) ? sfn.JitterType.FULL : sfn.JitterType.NONE,
      });
    }
    // The error takes the place of the input: beside it there is room in an object only, and an input may be any JSON.
    invoke.addCatch(keep, { errors: [ANY_ERROR] });
    this.stateMachine = new sfn.StateMachine(this, 'Workflow', {
      stateMachineName,
      definitionBody: sfn.DefinitionBody.fromChainable(invoke),
      logs: {
        destination: new logs.LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
          retention: logs.RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: sfn.LogLevel.ALL,
      },
      tracingEnabled: true,
    });
  }
}
