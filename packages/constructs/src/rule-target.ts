import { Aspects, Duration, Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { checkStandard, failureQueue } from './failure-destination.ts';
import { checkDuration, checkWhole, warn } from './prop-rules.ts';

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
  /** Encrypts the queue that is made here. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
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
    checkStandard('deadLetterQueue', props.deadLetterQueue);
    this.deadLetterQueue =
      props.deadLetterQueue ?? failureQueue(this, 'DeadLetters', props.deadLetterQueueName, props.encryptionKey);
    // CDK lets EventBridge send into the queue, and forgets the queue's key.
    this.deadLetterQueue.encryptionMasterKey?.grant(
      new iam.ServicePrincipal('events.amazonaws.com'),
      'kms:Decrypt',
      'kms:GenerateDataKey*',
    );
    const options = { retryAttempts, maxEventAge, deadLetterQueue: this.deadLetterQueue };
    const { target } = props;
    if (!('queueArn' in target)) this.#warnOfErrors(target);
    props.rule.addTarget(
      'queueArn' in target ? new targets.SqsQueue(target, options) : new targets.LambdaFunction(target, options),
    );
  }
  /** When all is made: what is said of the function's errors may come after this. */
  #warnOfErrors(target: lambda.IFunction): void {
    const resolve = (value: unknown): string => JSON.stringify(Stack.of(this).resolve(value));
    const settled = (construct: IConstruct): boolean =>
      construct instanceof lambda.CfnEventInvokeConfig &&
      resolve(construct.functionName) === resolve(target.functionName) &&
      construct.destinationConfig !== undefined;
    Aspects.of(this).add({
      visit: (node) => {
        if (node !== this || this.node.root.node.findAll().some(settled)) return;
        warn(this, [
          {
            id: 'functionErrors',
            message: `target: the rule has done its part once Lambda has the event; when ${target.node.id} fails three times the event is dropped, unless an AsyncFunction says where it goes`,
          },
        ]);
      },
    });
  }
}
