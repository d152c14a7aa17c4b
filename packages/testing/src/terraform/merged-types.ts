import { InvalidInputError } from '@holdfast/local';
import { block, blocks, type Conversions, convert, json } from './resource-type.ts';
import { isMembers, JoinedText, type TerraformObject, type TerraformValue } from './terraform-value.ts';

/** A resource of the template that is being made. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Record<string, TerraformValue>;
  readonly DependsOn: Set<string>;
}

/** A resource of Terraform that CloudFormation has as a property of another one. */
export interface MergedType {
  /** The attribute that names the owner, and the type of the owner. */
  readonly owner: readonly [attribute: string, terraformType: string];
  readonly attributes: Conversions;
  readonly saysNothing?: Readonly<Record<string, TerraformValue>>;
  /** Puts it into its owner. */
  readonly merge: (owner: TemplateResource, properties: TerraformObject, address: string) => void;
  /** Who is named by it need not be there first. */
  readonly isUnordered?: boolean;
}

const added = (list: TerraformValue, item: TerraformValue): TerraformValue => [
  ...(Array.isArray(list) ? (list as readonly TerraformValue[]) : []),
  item,
];

const set = ({ Properties }: TemplateResource, properties: TerraformObject): void => {
  Object.assign(Properties, properties);
};

const TARGET: Conversions = {
  arn: 'Arn',
  dead_letter_config: block('DeadLetterConfig', { arn: 'Arn' }),
  input: 'Input',
  input_path: 'InputPath',
  input_transformer: block('InputTransformer', { input_paths: 'InputPathsMap', input_template: 'InputTemplate' }),
  kinesis_target: block('KinesisParameters', { partition_key_path: 'PartitionKeyPath' }),
  retry_policy: block('RetryPolicy', {
    maximum_event_age_in_seconds: 'MaximumEventAgeInSeconds',
    maximum_retry_attempts: 'MaximumRetryAttempts',
  }),
  role_arn: 'RoleArn',
  sqs_target: block('SqsParameters', { message_group_id: 'MessageGroupId' }),
  target_id: 'Id',
  // Of the rule, which has it, too.
  event_bus_name: () => ({}),
};

/** By what of Terraform's provider they are told. */
export const MERGED_TYPES: Readonly<Record<string, MergedType>> = {
  aws_cloudwatch_event_target: {
    owner: ['rule', 'aws_cloudwatch_event_rule'],
    attributes: TARGET,
    merge: ({ Properties }, target, address) => {
      Properties['Targets'] = added(Properties['Targets'], { Id: address.replace(/[^\w.-]/g, '-'), ...target });
    },
  },
  aws_iam_role_policy_attachment: {
    owner: ['role', 'aws_iam_role'],
    attributes: { policy_arn: 'Arn' },
    merge: ({ Properties }, { Arn }) => {
      Properties['ManagedPolicyArns'] = added(Properties['ManagedPolicyArns'], Arn);
    },
  },
  aws_sqs_queue_redrive_allow_policy: {
    owner: ['queue_url', 'aws_sqs_queue'],
    attributes: { redrive_allow_policy: json('RedriveAllowPolicy') },
    isUnordered: true,
    merge: set,
  },
  aws_sqs_queue_redrive_policy: {
    owner: ['queue_url', 'aws_sqs_queue'],
    attributes: { redrive_policy: json('RedrivePolicy') },
    merge: set,
  },
};

const FILTERED = (target: string, property: string): Conversions => ({
  [target]: property,
  events: 'Events',
  filter_prefix: (value) => ({ prefix: value }),
  filter_suffix: (value) => ({ suffix: value }),
  id: 'Id',
});

const withFilter = (value: TerraformValue): TerraformValue => {
  if (!isMembers(value)) return value;
  const { prefix, suffix, ...rest } = value;
  const FilterRules = Object.entries({ prefix, suffix }).flatMap(([Name, Value]) =>
    Value === undefined || Value === '' ? [] : [{ Name, Value }],
  );
  return FilterRules.length === 0 ? rest : { ...rest, Filter: { Key: { FilterRules } } };
};

const NOTIFICATION: Conversions = {
  bucket: 'BucketName',
  eventbridge: (isOn) => (isOn === true ? { EventBridgeConfiguration: {} } : {}),
  lambda_function: blocks('LambdaFunctionConfigurations', FILTERED('lambda_function_arn', 'LambdaFunctionArn')),
  queue: blocks('QueueConfigurations', FILTERED('queue_arn', 'QueueArn')),
  topic: blocks('TopicConfigurations', FILTERED('topic_arn', 'TopicArn')),
};

/**
 * What a bucket tells whom. As a property of the bucket it could not come after the permission that it needs, so it is the
 * resource that the CDK has for it.
 */
export const bucketNotification = (given: TerraformObject, address: string): TerraformObject => {
  const { BucketName, ...lists } = convert(given, NOTIFICATION, undefined, address);
  const configuration = Object.entries(lists).map(([name, list]) => [
    name,
    Array.isArray(list) ? (list as readonly TerraformValue[]).map(withFilter) : list,
  ]);
  return { BucketName, NotificationConfiguration: Object.fromEntries(configuration), Managed: true };
};

/** The logical id to which a text refers, or the text itself. */
export const namedBy = (value: TerraformValue, address: string): string => {
  if (typeof value === 'string') return value;
  const [only] = value instanceof JoinedText && value.parts.length === 1 ? value.parts : [];
  const { Ref, 'Fn::GetAtt': attribute } = (typeof only === 'object' ? only : {}) as {
    Ref?: string;
    'Fn::GetAtt'?: readonly string[];
  };
  const logicalId = Ref ?? attribute?.[0];
  if (logicalId === undefined) throw new InvalidInputError(address, value, 'names no resource of the plan');
  return logicalId;
};
