import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ARCHIVE_PREFIX } from './archive-prefix.ts';
import { type EventArchive, KEY_ACTIONS, keyArns } from './failing-function.ts';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { retryDefinition } from './retry-definition.ts';

/** What a {@link RetryWorkflow} is made from. */
export interface RetryWorkflowProps {
  /** What could not be delivered; the workflow invokes the queue's target function again. */
  readonly failures: OnFailureQueue;
  /** Hears of every event that is given up. */
  readonly alerts: sns.ITopic;
  /** Keeps every event that is given up, under {@link archivePrefix}. */
  readonly archive: EventArchive;
  /** @default 'dead-letters/' */
  readonly archivePrefix?: string;
  /** Namespace of `RetrySuccess`, `RetryFailed` and `MaxRetriesExceeded`. */
  readonly metricNamespace: string;
  /**
   * Attempts per event before it is given up; throttles are no attempts.
   * @default 5
   */
  readonly maxRetries?: number;
  /**
   * Longest wait before the first retry; doubles from retry to retry.
   * @default Duration.seconds(30)
   */
  readonly baseWait?: Duration;
  /**
   * No wait is longer.
   * @default Duration.minutes(15)
   */
  readonly maxWait?: Duration;
  /**
   * Error types of the function that mean "busy, come again": they use up no attempt.
   * @default - none beyond Lambda's own throttles
   */
  readonly busyErrors?: readonly string[];
  /**
   * Error types of the function that no attempt can help: given up at once.
   * @default - none
   */
  readonly permanentErrors?: readonly string[];
}

/** What a {@link RetryWorkflow} gets when its props leave it out. */
export const RETRY_WORKFLOW_DEFAULTS = {
  archivePrefix: ARCHIVE_PREFIX,
  maxRetries: 5,
  baseWait: Duration.seconds(30),
  maxWait: Duration.minutes(15),
} as const;

/** What the workflow is started with, cut out of the record of Lambda's destination. */
const INPUT_TEMPLATE =
  '{"messageId": <$.messageId>, "event": <$.body.requestPayload>, "reason": "<$.body.requestContext.condition>", "failedAt": "<$.body.timestamp>", "letter": <$.body>}';

/**
 * Brings back what an {@link OnFailureQueue} caught, one workflow for each event: a pipe starts it; it waits longer from
 * retry to retry, invokes the target, and after the last failure keeps the event and tells people.
 *
 * EventBridge emits no event for a message in a queue, so a pipe and not a rule starts the workflow.
 *
 * @example
 * ```ts
 * const failures = new OnFailureQueue(stack, 'Failures', { target: orders });
 * new RetryWorkflow(stack, 'Retry', { failures, alerts: topic, archive: bucket, metricNamespace: 'Shop' });
 * ```
 */
export class RetryWorkflow extends Construct {
  readonly stateMachine: sfn.StateMachine;
  readonly pipe: pipes.CfnPipe;

  constructor(scope: Construct, id: string, props: RetryWorkflowProps) {
    super(scope, id);
    const { failures, archive, alerts } = props;
    const { target } = failures;
    const archivePrefix = props.archivePrefix ?? RETRY_WORKFLOW_DEFAULTS.archivePrefix;
    const name = `${target.functionName}-retry`;

    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: {
        Retry: new iam.PolicyDocument({
          statements: [
            statement('InvokeTarget', 'lambda:InvokeFunction', target.function.functionArn),
            statement('Alert', 'sns:Publish', alerts.topicArn),
            statement('Archive', 's3:PutObject', archive.arnForKeys(archivePrefix)),
            ...useKeys(alerts.masterKey, archive.encryptionKey),
            new iam.PolicyStatement({
              sid: 'Count',
              actions: ['cloudwatch:PutMetricData'],
              // Metrics have no ARN; the namespace is what can be narrowed.
              resources: ['*'],
              conditions: { StringEquals: { 'cloudwatch:namespace': props.metricNamespace } },
            }),
          ],
        }),
      },
    });
    this.stateMachine = new sfn.StateMachine(this, 'Workflow', {
      stateMachineName: name,
      role,
      tracingEnabled: true,
      definitionBody: sfn.DefinitionBody.fromString(
        Stack.of(this).toJsonString(
          retryDefinition({
            functionArn: target.function.functionArn,
            maxRetries: props.maxRetries ?? RETRY_WORKFLOW_DEFAULTS.maxRetries,
            baseWaitSeconds: (props.baseWait ?? RETRY_WORKFLOW_DEFAULTS.baseWait).toSeconds(),
            maxWaitSeconds: (props.maxWait ?? RETRY_WORKFLOW_DEFAULTS.maxWait).toSeconds(),
            busyErrors: props.busyErrors ?? [],
            permanentErrors: props.permanentErrors ?? [],
            topicArn: alerts.topicArn,
            bucketName: archive.bucketName,
            archivePrefix,
            metricNamespace: props.metricNamespace,
            source: name,
          }),
        ),
      ),
      logs: {
        level: sfn.LogLevel.ALL,
        includeExecutionData: true,
        destination: new logs.LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: logs.RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });

    const pipeRole = new iam.Role(this, 'PipeRole', {
      assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com'),
      inlinePolicies: {
        StartRetries: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              sid: 'ReadOnFailureQueue',
              actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
              resources: [failures.queue.queueArn],
            }),
            ...useKeys(failures.queue.encryptionMasterKey),
            statement('StartWorkflow', 'states:StartExecution', this.stateMachine.stateMachineArn),
          ],
        }),
      },
    });
    this.pipe = new pipes.CfnPipe(this, 'Pipe', {
      name: `${name}-start`,
      description: `Starts ${name} for every message of ${failures.queueName}`,
      roleArn: pipeRole.roleArn,
      source: failures.queue.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: this.stateMachine.stateMachineArn,
      targetParameters: {
        inputTemplate: INPUT_TEMPLATE,
        stepFunctionStateMachineParameters: { invocationType: 'FIRE_AND_FORGET' },
      },
    });
  }
}

const statement = (sid: string, action: string, resource: string): iam.PolicyStatement =>
  new iam.PolicyStatement({ sid, actions: [action], resources: [resource] });

const useKeys = (...keys: readonly (kms.IKey | undefined)[]): readonly iam.PolicyStatement[] => {
  const resources = [...keyArns(...keys)];
  return resources.length === 0
    ? []
    : [new iam.PolicyStatement({ sid: 'UseKeys', actions: [...KEY_ACTIONS], resources })];
};
