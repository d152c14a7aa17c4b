import type { Target } from '@aws-sdk/client-scheduler';
import { parseArn } from '@holdfast/aws-model';
import {
  type ApiCaller,
  type JsonObject,
  notSupported,
  refuseUnmodelled,
  sdkCall,
  TARGET_RETRY_DEFAULTS,
} from '../../core/index.ts';
import { validation } from './errors.ts';
import type { StoredTarget } from './stored.ts';

const UNIVERSAL = /^arn:[\w-]+:scheduler:::aws-sdk:(\w+):(\w+)$/;
/** Universal targets do something; they do not look something up. */
const READ_ONLY = /^(get|describe|list|poll|receive|search|scan|query|select|lookup|discover|validate|batchGet)/;

/** A call of an action with its input, as a target stands for. */
export interface TargetCall {
  readonly serviceId: string;
  readonly action: string;
  readonly input: JsonObject;
}

const MEMBERS: readonly (keyof Target)[] = [
  'Arn',
  'RoleArn',
  'Input',
  'DeadLetterConfig',
  'RetryPolicy',
  'EventBridgeParameters',
  'KinesisParameters',
  'SqsParameters',
];

/** Templated targets: a resource, and what is done with it. */
const TEMPLATED: Readonly<Record<string, (target: StoredTarget, input: string) => TargetCall>> = {
  lambda: ({ arn }, input) => ({
    serviceId: 'lambda',
    action: 'Invoke',
    input: { FunctionName: arn, InvocationType: 'Event', Payload: input },
  }),
  sqs: ({ arn, messageGroupId }, input) => {
    const { account, resource } = parseArn(arn) as { account: string; resource: string };
    return {
      serviceId: 'sqs',
      action: 'SendMessage',
      input: {
        QueueUrl: `/${account}/${resource}`,
        MessageBody: input,
        ...(messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId }),
      },
    };
  },
  sns: ({ arn }, input) => ({ serviceId: 'sns', action: 'Publish', input: { TopicArn: arn, Message: input } }),
  events: ({ arn, eventBridge }, input) => ({
    serviceId: 'events',
    action: 'PutEvents',
    input: { Entries: [{ EventBusName: arn, ...(eventBridge ?? {}), Detail: input }] },
  }),
  kinesis: ({ arn, partitionKey }, input) => ({
    serviceId: 'kinesis',
    action: 'PutRecord',
    input: { StreamARN: arn, Data: input, PartitionKey: partitionKey ?? null },
  }),
  states: ({ arn }, input) => ({
    serviceId: 'states',
    action: 'StartExecution',
    input: { StateMachineArn: arn, Input: input },
  }),
};

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const checkUniversal = (arn: string, input: string | undefined, api: ApiCaller): void => {
  const [, serviceName = '', actionName = ''] = UNIVERSAL.exec(arn) ?? [];
  if (READ_ONLY.test(actionName)) {
    throw validation(`Invalid RequestJson provided. Reason The ${actionName} API is not supported as a target.`);
  }
  const { serviceId, action } = sdkCall(serviceName, actionName);
  if (!api.knows(serviceId, action)) throw notSupported(`the schedule target ${serviceName}:${actionName}`);
  if (input !== undefined && !isJsonObject(input)) {
    throw validation('Invalid RequestJson provided. Reason The Input of a universal target must be a JSON object.');
  }
};

/** @throws ServiceError */
export const readTarget = (target: Target, api: ApiCaller): StoredTarget => {
  refuseUnmodelled(target, MEMBERS, 'a schedule with Target');
  const { Arn = '', RoleArn = '', Input, EventBridgeParameters, KinesisParameters, SqsParameters } = target;
  const parsed = parseArn(Arn);
  if (parsed === undefined) throw validation('Provided Arn is not in correct format.');
  if (parsed.service === 'scheduler') {
    if (!UNIVERSAL.test(Arn)) throw validation(`Invalid Arn ${Arn} provided as a target.`);
    checkUniversal(Arn, Input, api);
  } else if (!Object.hasOwn(TEMPLATED, parsed.service)) {
    throw notSupported(`the schedule target ${Arn}`);
  }
  if (parsed.service === 'events' && EventBridgeParameters === undefined) {
    throw validation('EventBridgeParameters must be provided for an event bus as a target.');
  }
  if (parsed.service === 'kinesis' && KinesisParameters?.PartitionKey === undefined) {
    throw validation('KinesisParameters must be provided for a stream as a target.');
  }
  return {
    arn: Arn,
    roleArn: RoleArn,
    input: Input,
    deadLetterArn: target.DeadLetterConfig?.Arn,
    maximumRetryAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? TARGET_RETRY_DEFAULTS.maximumRetryAttempts,
    maximumEventAgeSeconds:
      target.RetryPolicy?.MaximumEventAgeInSeconds ?? TARGET_RETRY_DEFAULTS.maximumEventAgeSeconds,
    eventBridge:
      EventBridgeParameters === undefined
        ? undefined
        : {
            DetailType: EventBridgeParameters.DetailType as string,
            Source: EventBridgeParameters.Source as string,
          },
    partitionKey: KinesisParameters?.PartitionKey,
    messageGroupId: SqsParameters?.MessageGroupId,
  };
};

/** As AWS answers it: what was never said stays away, the retry policy is whole. */
export const describeTarget = (target: StoredTarget): Target => ({
  Arn: target.arn,
  RoleArn: target.roleArn,
  ...(target.input === undefined ? {} : { Input: target.input }),
  ...(target.deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: target.deadLetterArn } }),
  RetryPolicy: {
    MaximumRetryAttempts: target.maximumRetryAttempts,
    MaximumEventAgeInSeconds: target.maximumEventAgeSeconds,
  },
  ...(target.eventBridge === undefined ? {} : { EventBridgeParameters: target.eventBridge }),
  ...(target.partitionKey === undefined ? {} : { KinesisParameters: { PartitionKey: target.partitionKey } }),
  ...(target.messageGroupId === undefined ? {} : { SqsParameters: { MessageGroupId: target.messageGroupId } }),
});

/**
 * The call that a target stands for. `input` is the target's input with its keywords replaced.
 *
 * @throws SyntaxError when the input of a universal target is no JSON any more
 */
export const callOf = (target: StoredTarget, input: string): TargetCall => {
  const [, serviceName, actionName] = UNIVERSAL.exec(target.arn) ?? [];
  if (serviceName === undefined || actionName === undefined) {
    const service = parseArn(target.arn)?.service ?? '';
    return (TEMPLATED[service] as (typeof TEMPLATED)[string])(target, input);
  }
  const members = JSON.parse(input === '' ? '{}' : input) as JsonObject;
  // Members are written as in the API's reference, or with a small letter.
  const named = Object.entries(members).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]);
  return { ...sdkCall(serviceName, actionName), input: Object.fromEntries(named) as JsonObject };
};
