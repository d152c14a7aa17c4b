import { Duration } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { failureQueue } from './failure-destination.ts';
import { checkDuration, checkWhole } from './prop-rules.ts';

/** What a {@link RuleTarget} is made from. */
export interface RuleTargetProps {
  readonly rule: events.Rule;
  /** Who gets the rule's events. */
  readonly target: lambda.IFunction | sqs.IQueue;
  /** Retries of a delivery, 0 to 185. @default 185 */
  readonly retryAttempts?: number;
  /** How long a delivery is tried, 60 s to 24 h. @default Duration.hours(24) */
  readonly maxEventAge?: Duration;
  /** A standard queue for what could not be delivered. @default - a queue of its own, 14 days */
  readonly deadLetterQueue?: sqs.IQueue;
  /** Name of the queue that is made when `deadLetterQueue` is left out. @default - chosen by CloudFormation */
  readonly deadLetterQueueName?: string;
}

/** What a {@link RuleTarget} gets when its props leave it out: what EventBridge does by itself, and a queue. */
export const RULE_TARGET_DEFAULTS = { retryAttempts: 185, maxEventAge: Duration.hours(24) } as const;

/**
 * A target of an EventBridge rule whose events are kept when they cannot be delivered: without a dead-letter queue
 * EventBridge drops them after its last retry, and at once when it may not deliver.
 *
 * The retries are those of the *delivery*. A function is reached as soon as Lambda has taken the event: what becomes of
 * its errors is said with {@link AsyncFunction}.
 *
 * @example
 * ```ts
 * new RuleTarget(stack, 'Booking', { rule: orders, target: booking, retryAttempts: 8, maxEventAge: Duration.hours(1) });
 * ```
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
export class RuleTarget extends Construct {
  readonly deadLetterQueue: sqs.IQueue;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: RuleTargetProps) {
    super(scope, id);
    const retryAttempts = props.retryAttempts ?? RULE_TARGET_DEFAULTS.retryAttempts;
    const maxEventAge = props.maxEventAge ?? RULE_TARGET_DEFAULTS.maxEventAge;
    checkWhole('retryAttempts', retryAttempts, 0, 185);
    checkDuration('maxEventAge', maxEventAge, Duration.seconds(60), Duration.hours(24));
    this.deadLetterQueue = props.deadLetterQueue ?? failureQueue(this, 'DeadLetters', props.deadLetterQueueName);
    const options = { retryAttempts, maxEventAge, deadLetterQueue: this.deadLetterQueue };
    const { target } = props;
    props.rule.addTarget(
      'queueArn' in target ? new targets.SqsQueue(target, options) : new targets.LambdaFunction(target, options),
    );
  }
}
