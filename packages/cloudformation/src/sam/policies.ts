import { awsPolicyArn } from '@holdfast/aws-model';
import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { memberOf } from '@holdfast/kernel';
import { membersOf, statement } from './names.ts';
import { refusal } from './refusal.ts';

/** What a template allows, on what: ARNs below the partition, with its parameters in braces. */
interface Grant {
  readonly actions: readonly string[];
  readonly on: readonly string[];
}

const grant = (service: string, actions: string, ...on: readonly string[]): Grant => ({
  actions: actions.split(' ').map((action) => `${service}:${action}`),
  on,
});

const HERE = `\${AWS::Region}:\${AWS::AccountId}`;
const TABLE = `dynamodb:${HERE}:table/{TableName}`;
const OF_TABLE = [TABLE, `${TABLE}/index/*`];
const OBJECTS = 's3:::{BucketName}/*';
const OF_BUCKET = ['s3:::{BucketName}', OBJECTS];
const QUEUE = `sqs:${HERE}:{QueueName}`;
const STREAM = `kinesis:${HERE}:stream/{StreamName}`;
const KEY = `kms:${HERE}:key/{KeyId}`;

/**
 * The policy templates for services that are played here.
 *
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
 */
const TEMPLATES: Readonly<Record<string, readonly Grant[]>> = {
  AWSSecretsManagerGetSecretValuePolicy: [grant('secretsmanager', 'GetSecretValue', '{SecretArn}')],
  AWSSecretsManagerRotationPolicy: [
    grant(
      'secretsmanager',
      'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage',
      `secretsmanager:${HERE}:secret:*`,
    ),
    grant('secretsmanager', 'GetRandomPassword'),
  ],
  CloudFormationDescribeStacksPolicy: [grant('cloudformation', 'DescribeStacks', `cloudformation:${HERE}:stack/*`)],
  CloudWatchDashboardPolicy: [grant('cloudwatch', 'GetDashboard ListDashboards PutDashboard ListMetrics')],
  CloudWatchDescribeAlarmHistoryPolicy: [grant('cloudwatch', 'DescribeAlarmHistory')],
  CloudWatchPutMetricPolicy: [grant('cloudwatch', 'PutMetricData')],
  DynamoDBCrudPolicy: [
    grant(
      'dynamodb',
      'GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem',
      ...OF_TABLE,
    ),
  ],
  DynamoDBReadPolicy: [grant('dynamodb', 'GetItem Scan Query BatchGetItem DescribeTable', ...OF_TABLE)],
  DynamoDBReconfigurePolicy: [grant('dynamodb', 'UpdateTable', TABLE)],
  DynamoDBStreamReadPolicy: [
    grant('dynamodb', 'DescribeStream GetRecords GetShardIterator', `${TABLE}/stream/{StreamName}`),
    grant('dynamodb', 'ListStreams', `${TABLE}/stream/*`),
  ],
  DynamoDBWritePolicy: [grant('dynamodb', 'PutItem UpdateItem BatchWriteItem', ...OF_TABLE)],
  EventBridgePutEventsPolicy: [grant('events', 'PutEvents', `events:${HERE}:event-bus/{EventBusName}`)],
  FilterLogEventsPolicy: [grant('logs', 'FilterLogEvents', `logs:${HERE}:log-group:{LogGroupName}:log-stream:*`)],
  KMSDecryptPolicy: [grant('kms', 'Decrypt', KEY)],
  KMSEncryptPolicy: [grant('kms', 'Encrypt', KEY)],
  KinesisCrudPolicy: [
    grant(
      'kinesis',
      'AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary GetShardIterator IncreaseStreamRetentionPeriod ListTagsForStream MergeShards PutRecord PutRecords SplitShard RemoveTagsFromStream',
      STREAM,
    ),
  ],
  KinesisStreamReadPolicy: [
    grant(
      'kinesis',
      'ListStreams DescribeLimits DescribeStream DescribeStreamSummary GetRecords GetShardIterator',
      STREAM,
    ),
  ],
  LambdaInvokePolicy: [grant('lambda', 'InvokeFunction', `lambda:${HERE}:function:{FunctionName}*`)],
  S3CrudPolicy: [
    grant(
      's3',
      'GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration PutLifecycleConfiguration DeleteObject',
      ...OF_BUCKET,
    ),
  ],
  S3FullAccessPolicy: [
    grant(
      's3',
      'GetObject GetObjectAcl GetObjectVersion PutObject PutObjectAcl DeleteObject DeleteObjectTagging DeleteObjectVersionTagging GetObjectTagging GetObjectVersionTagging PutObjectTagging PutObjectVersionTagging',
      OBJECTS,
    ),
    grant('s3', 'ListBucket GetBucketLocation GetLifecycleConfiguration PutLifecycleConfiguration', OF_BUCKET[0] ?? ''),
  ],
  S3ReadPolicy: [
    grant('s3', 'GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration', ...OF_BUCKET),
  ],
  S3WritePolicy: [grant('s3', 'PutObject PutObjectAcl PutLifecycleConfiguration', ...OF_BUCKET)],
  SNSCrudPolicy: [
    grant(
      'sns',
      'ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish',
      `sns:${HERE}:{TopicName}*`,
    ),
  ],
  SNSPublishMessagePolicy: [grant('sns', 'Publish', `sns:${HERE}:{TopicName}`)],
  SQSPollerPolicy: [
    grant(
      'sqs',
      'ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage',
      QUEUE,
    ),
  ],
  SQSSendMessagePolicy: [grant('sqs', 'SendMessage*', QUEUE)],
  SSMParameterReadPolicy: [
    grant(
      'ssm',
      'DescribeParameters GetParameters GetParameter GetParametersByPath',
      `ssm:${HERE}:parameter/{ParameterName}`,
    ),
  ],
  SSMParameterWithSlashPrefixReadPolicy: [
    grant('ssm', 'DescribeParameters'),
    grant('ssm', 'GetParameters GetParameter GetParametersByPath', `ssm:${HERE}:parameter{ParameterName}`),
  ],
  StepFunctionsExecutionPolicy: [grant('states', 'StartExecution', `states:${HERE}:stateMachine:{StateMachineName}`)],
};

/** The ARN of a pattern; one that is a parameter and nothing else is what the template's user gives. */
const arnOf = (pattern: string, given: JsonObject): Json => {
  const values: Record<string, Json> = {};
  const text = pattern.replace(/(?<!\$)\{(\w+)\}/g, (_, name: string) => {
    values[name] = given[name] ?? '';
    return `\${${name}}`;
  });
  const whole = pattern.startsWith('{') ? text : `arn:\${AWS::Partition}:${text}`;
  return { 'Fn::Sub': [whole, values] };
};

const fromTemplate = (name: string, given: Json): JsonObject | undefined => {
  const grants = memberOf(TEMPLATES, name);
  if (grants === undefined) return undefined;
  const parameters = membersOf(given);
  return {
    Statement: grants.map(({ actions, on }) =>
      statement([...actions], on.length === 0 ? '*' : on.map((pattern) => arnOf(pattern, parameters))),
    ),
  };
};

/** Managed policies of AWS that live under a path of their own. */
const SERVICE_ROLE = /^AWSLambda(Basic|SQSQueue|Kinesis|DynamoDB|VPCAccess|MSK)ExecutionRole$|^AWSLambdaRole$/;

export const managedPolicyArn = (name: string): string =>
  awsPolicyArn(SERVICE_ROLE.test(name) ? '/service-role/' : '/', name);

/** `Policies` of a function: managed ones by name or ARN, documents, and templates. */
export const splitPolicies = (
  functionId: string,
  given: Json | undefined,
): { readonly managed: readonly Json[]; readonly inline: readonly JsonObject[] } => {
  const managed: Json[] = [];
  const inline: JsonObject[] = [];
  const entries: readonly Json[] =
    given === undefined ? [] : Array.isArray(given) ? (given as readonly Json[]) : [given];
  entries.forEach((entry, index) => {
    const PolicyName = `${functionId}RolePolicy${index}`;
    if (typeof entry === 'string') managed.push(entry.startsWith('arn:') ? entry : managedPolicyArn(entry));
    else if (isObject(entry) && entry['Statement'] !== undefined) inline.push({ PolicyName, PolicyDocument: entry });
    else if (isObject(entry)) {
      const [name = '', parameters = {}] = Object.entries(entry)[0] ?? [];
      const document = fromTemplate(name, parameters);
      if (document !== undefined) inline.push({ PolicyName, PolicyDocument: document });
      else if (name === 'Ref' || name.startsWith('Fn::')) managed.push(entry);
      else throw refusal(`the policy template ${name} (resource ${functionId})`);
    }
  });
  return { managed, inline };
};
