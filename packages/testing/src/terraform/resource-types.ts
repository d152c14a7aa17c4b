import { DYNAMODB_TABLE } from './dynamodb-table.ts';
import { ANYTHING, block, blocks, COMMON, json, onlyTrue, type TerraformType, tags } from './resource-type.ts';
import { JoinedText, type TerraformValue } from './terraform-value.ts';

const subArn = (service: string, resource: string): TerraformValue =>
  new JoinedText([{ 'Fn::Sub': `arn:aws:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}` }]);

const SQS_QUEUE: TerraformType = {
  type: 'AWS::SQS::Queue',
  nameAttribute: 'name',
  attributes: {
    name: 'QueueName',
    content_based_deduplication: onlyTrue('ContentBasedDeduplication'),
    deduplication_scope: 'DeduplicationScope',
    delay_seconds: 'DelaySeconds',
    fifo_queue: onlyTrue('FifoQueue'),
    fifo_throughput_limit: 'FifoThroughputLimit',
    // The provider plans a zero where nothing is said, and sends none.
    kms_data_key_reuse_period_seconds: (value) => (value === 0 ? {} : { KmsDataKeyReusePeriodSeconds: value }),
    kms_master_key_id: 'KmsMasterKeyId',
    max_message_size: 'MaximumMessageSize',
    message_retention_seconds: 'MessageRetentionPeriod',
    receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
    redrive_allow_policy: json('RedriveAllowPolicy'),
    redrive_policy: json('RedrivePolicy'),
    sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
    tags,
    visibility_timeout_seconds: 'VisibilityTimeout',
  },
  policy: ['AWS::SQS::QueuePolicy', 'Queues'],
  known: { arn: 'Arn', id: '', url: '', name: 'QueueName' },
  arnOf: (name) => subArn('sqs', name),
};

const SQS_QUEUE_POLICY: TerraformType = {
  type: 'AWS::SQS::QueuePolicy',
  attributes: { queue_url: (url) => ({ Queues: [url] }), policy: json('PolicyDocument') },
  known: {},
};

const LAMBDA_FUNCTION: TerraformType = {
  type: 'AWS::Lambda::Function',
  nameAttribute: 'function_name',
  attributes: {
    architectures: 'Architectures',
    dead_letter_config: block('DeadLetterConfig', { target_arn: 'TargetArn' }),
    description: 'Description',
    environment: block('Environment', { variables: 'Variables' }),
    ephemeral_storage: block('EphemeralStorage', { size: 'Size' }),
    // Uploaded as `aws cloudformation package` does.
    filename: 'Code',
    function_name: 'FunctionName',
    handler: 'Handler',
    kms_key_arn: 'KmsKeyArn',
    layers: 'Layers',
    memory_size: 'MemorySize',
    // -1 is without a reservation.
    reserved_concurrent_executions: (count) => (count === -1 ? {} : { ReservedConcurrentExecutions: count }),
    role: 'Role',
    runtime: 'Runtime',
    tags,
    timeout: 'Timeout',
    tracing_config: block('TracingConfig', { mode: 'Mode' }),
  },
  saysNothing: { ...COMMON, package_type: 'Zip', source_code_hash: ANYTHING, code_sha256: ANYTHING },
  known: { arn: 'Arn', function_name: '', id: '' },
};

const EVENT_SOURCE_MAPPING: TerraformType = {
  type: 'AWS::Lambda::EventSourceMapping',
  attributes: {
    batch_size: 'BatchSize',
    bisect_batch_on_function_error: 'BisectBatchOnFunctionError',
    destination_config: block('DestinationConfig', {
      on_failure: block('OnFailure', { destination_arn: 'Destination' }),
    }),
    enabled: 'Enabled',
    event_source_arn: 'EventSourceArn',
    filter_criteria: block('FilterCriteria', { filter: blocks('Filters', { pattern: 'Pattern' }) }),
    function_name: 'FunctionName',
    function_response_types: 'FunctionResponseTypes',
    maximum_batching_window_in_seconds: 'MaximumBatchingWindowInSeconds',
    maximum_record_age_in_seconds: 'MaximumRecordAgeInSeconds',
    maximum_retry_attempts: 'MaximumRetryAttempts',
    parallelization_factor: 'ParallelizationFactor',
    scaling_config: block('ScalingConfig', { maximum_concurrency: 'MaximumConcurrency' }),
    starting_position: 'StartingPosition',
    tags,
    tumbling_window_in_seconds: 'TumblingWindowInSeconds',
  },
  known: { id: '', uuid: '' },
};

const INVOKE_CONFIG: TerraformType = {
  type: 'AWS::Lambda::EventInvokeConfig',
  attributes: {
    destination_config: block('DestinationConfig', {
      on_failure: block('OnFailure', { destination: 'Destination' }),
      on_success: block('OnSuccess', { destination: 'Destination' }),
    }),
    function_name: 'FunctionName',
    maximum_event_age_in_seconds: 'MaximumEventAgeInSeconds',
    maximum_retry_attempts: 'MaximumRetryAttempts',
    qualifier: 'Qualifier',
  },
  // Without one it is of the newest code, which CloudFormation wants to be told.
  prepare: (given) => ({ ...given, qualifier: given['qualifier'] ?? '$LATEST' }),
  known: {},
};

const PERMISSION: TerraformType = {
  type: 'AWS::Lambda::Permission',
  attributes: {
    action: 'Action',
    function_name: 'FunctionName',
    principal: 'Principal',
    source_account: 'SourceAccount',
    source_arn: 'SourceArn',
  },
  // CloudFormation names statements itself.
  saysNothing: { statement_id: ANYTHING, statement_id_prefix: ANYTHING },
  known: {},
};

const IAM_ROLE: TerraformType = {
  type: 'AWS::IAM::Role',
  nameAttribute: 'name',
  attributes: {
    assume_role_policy: json('AssumeRolePolicyDocument'),
    description: 'Description',
    inline_policy: blocks('Policies', { name: 'PolicyName', policy: json('PolicyDocument') }),
    managed_policy_arns: 'ManagedPolicyArns',
    max_session_duration: 'MaxSessionDuration',
    name: 'RoleName',
    path: 'Path',
    permissions_boundary: 'PermissionsBoundary',
    tags,
  },
  saysNothing: COMMON,
  known: { arn: 'Arn', id: '', name: '', unique_id: 'RoleId' },
};

const IAM_POLICY: TerraformType = {
  type: 'AWS::IAM::ManagedPolicy',
  nameAttribute: 'name',
  attributes: { description: 'Description', name: 'ManagedPolicyName', path: 'Path', policy: json('PolicyDocument') },
  saysNothing: COMMON,
  known: { arn: '', id: '' },
};

const IAM_ROLE_POLICY: TerraformType = {
  type: 'AWS::IAM::Policy',
  attributes: {
    name: 'PolicyName',
    policy: json('PolicyDocument'),
    role: (role) => ({ Roles: [role] }),
  },
  known: {},
};

const SNS_TOPIC: TerraformType = {
  type: 'AWS::SNS::Topic',
  nameAttribute: 'name',
  attributes: {
    content_based_deduplication: onlyTrue('ContentBasedDeduplication'),
    display_name: 'DisplayName',
    fifo_topic: onlyTrue('FifoTopic'),
    kms_master_key_id: 'KmsMasterKeyId',
    name: 'TopicName',
    tags,
  },
  policy: ['AWS::SNS::TopicPolicy', 'Topics'],
  known: { arn: '', id: '', name: 'TopicName' },
};

const SNS_TOPIC_POLICY: TerraformType = {
  type: 'AWS::SNS::TopicPolicy',
  attributes: { arn: (arn) => ({ Topics: [arn] }), policy: json('PolicyDocument') },
  known: {},
};

const SNS_SUBSCRIPTION: TerraformType = {
  type: 'AWS::SNS::Subscription',
  attributes: {
    delivery_policy: json('DeliveryPolicy'),
    endpoint: 'Endpoint',
    filter_policy: json('FilterPolicy'),
    filter_policy_scope: 'FilterPolicyScope',
    protocol: 'Protocol',
    raw_message_delivery: 'RawMessageDelivery',
    redrive_policy: json('RedrivePolicy'),
    topic_arn: 'TopicArn',
  },
  saysNothing: { ...COMMON, confirmation_timeout_in_minutes: 1 },
  known: { arn: '', id: '' },
};

const EVENT_BUS: TerraformType = {
  type: 'AWS::Events::EventBus',
  nameAttribute: 'name',
  attributes: { description: 'Description', name: 'Name', tags },
  known: { arn: 'Arn', id: '', name: '' },
};

const EVENT_RULE: TerraformType = {
  type: 'AWS::Events::Rule',
  nameAttribute: 'name',
  attributes: {
    description: 'Description',
    event_bus_name: 'EventBusName',
    event_pattern: json('EventPattern'),
    is_enabled: (isEnabled) => ({ State: isEnabled === false ? 'DISABLED' : 'ENABLED' }),
    name: 'Name',
    role_arn: 'RoleArn',
    schedule_expression: 'ScheduleExpression',
    state: 'State',
    tags,
  },
  saysNothing: COMMON,
  known: { arn: 'Arn' },
};

const KINESIS_STREAM: TerraformType = {
  type: 'AWS::Kinesis::Stream',
  nameAttribute: 'name',
  attributes: {
    name: 'Name',
    retention_period: 'RetentionPeriodHours',
    shard_count: 'ShardCount',
    stream_mode_details: block('StreamModeDetails', { stream_mode: 'StreamMode' }),
    tags,
  },
  saysNothing: { ...COMMON, encryption_type: 'NONE' },
  known: { arn: 'Arn', id: 'Arn', name: '' },
};

const S3_BUCKET: TerraformType = {
  type: 'AWS::S3::Bucket',
  nameAttribute: 'bucket',
  attributes: { bucket: 'BucketName', tags },
  saysNothing: COMMON,
  known: { arn: 'Arn', bucket: '', id: '' },
  // A bucket tells functions that let it in, and they let in the bucket.
  arnOf: (name) => `arn:aws:s3:::${name}`,
};

const LOG_GROUP: TerraformType = {
  type: 'AWS::Logs::LogGroup',
  nameAttribute: 'name',
  attributes: {
    name: 'LogGroupName',
    retention_in_days: (days) => (days === 0 ? {} : { RetentionInDays: days }),
    tags,
  },
  saysNothing: { ...COMMON, log_group_class: 'STANDARD' },
  known: { arn: 'Arn', id: '', name: '' },
};

/** Resource types that are resources in CloudFormation, too. */
export const RESOURCE_TYPES: Readonly<Record<string, TerraformType>> = {
  aws_cloudwatch_event_bus: EVENT_BUS,
  aws_cloudwatch_event_rule: EVENT_RULE,
  aws_cloudwatch_log_group: LOG_GROUP,
  aws_dynamodb_table: DYNAMODB_TABLE,
  aws_iam_policy: IAM_POLICY,
  aws_iam_role: IAM_ROLE,
  aws_iam_role_policy: IAM_ROLE_POLICY,
  aws_kinesis_stream: KINESIS_STREAM,
  aws_lambda_event_source_mapping: EVENT_SOURCE_MAPPING,
  aws_lambda_function: LAMBDA_FUNCTION,
  aws_lambda_function_event_invoke_config: INVOKE_CONFIG,
  aws_lambda_permission: PERMISSION,
  aws_s3_bucket: S3_BUCKET,
  aws_sns_topic: SNS_TOPIC,
  aws_sns_topic_policy: SNS_TOPIC_POLICY,
  aws_sns_topic_subscription: SNS_SUBSCRIPTION,
  aws_sqs_queue: SQS_QUEUE,
  aws_sqs_queue_policy: SQS_QUEUE_POLICY,
};
