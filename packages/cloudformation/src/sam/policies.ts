import { isObject, type Json, type JsonObject, notSupported } from '@holdfast/engine';
import { membersOf, statement } from './names.ts';

/** A template's parameter, the ARN made from it (`*` stands for the parameter), and the actions. */
interface PolicyTemplate {
  readonly parameter?: string;
  readonly arns?: readonly string[];
  readonly actions: readonly string[];
}

const on = (parameter: string, arns: readonly string[], service: string, actions: string): PolicyTemplate => ({
  parameter,
  arns,
  actions: actions.split(' ').map((action) => `${service}:${action}`),
});

const HERE = `\${AWS::Region}:\${AWS::AccountId}`;
const TABLE = [`dynamodb:${HERE}:table/*`, `dynamodb:${HERE}:table/*/index/\\*`];
const BUCKET = ['s3:::*', 's3:::*/\\*'];
const QUEUE = [`sqs:${HERE}:*`];

/**
 * The policy templates for services that are played here.
 *
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
 */
const TEMPLATES: Readonly<Record<string, PolicyTemplate>> = {
  SQSPollerPolicy: on(
    'QueueName',
    QUEUE,
    'sqs',
    'ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage',
  ),
  SQSSendMessagePolicy: on('QueueName', QUEUE, 'sqs', 'SendMessage*'),
  SNSPublishMessagePolicy: on('TopicName', [`sns:${HERE}:*`], 'sns', 'Publish'),
  SNSCrudPolicy: on(
    'TopicName',
    [`sns:${HERE}:*\\*`],
    'sns',
    'ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish',
  ),
  LambdaInvokePolicy: on('FunctionName', [`lambda:${HERE}:function:*\\*`], 'lambda', 'InvokeFunction'),
  EventBridgePutEventsPolicy: on('EventBusName', [`events:${HERE}:event-bus/*`], 'events', 'PutEvents'),
  DynamoDBReadPolicy: on('TableName', TABLE, 'dynamodb', 'GetItem Scan Query BatchGetItem DescribeTable'),
  DynamoDBWritePolicy: on('TableName', TABLE, 'dynamodb', 'PutItem UpdateItem BatchWriteItem'),
  DynamoDBCrudPolicy: on(
    'TableName',
    TABLE,
    'dynamodb',
    'GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem',
  ),
  S3ReadPolicy: on(
    'BucketName',
    BUCKET,
    's3',
    'GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration',
  ),
  S3WritePolicy: on('BucketName', BUCKET, 's3', 'PutObject PutObjectAcl PutLifecycleConfiguration'),
  S3CrudPolicy: on(
    'BucketName',
    BUCKET,
    's3',
    'GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration PutLifecycleConfiguration DeleteObject',
  ),
  KinesisStreamReadPolicy: on(
    'StreamName',
    [`kinesis:${HERE}:stream/*`],
    'kinesis',
    'ListStreams DescribeLimits DescribeStream DescribeStreamSummary GetRecords GetShardIterator',
  ),
  KinesisCrudPolicy: on(
    'StreamName',
    [`kinesis:${HERE}:stream/*`],
    'kinesis',
    'AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary GetShardIterator IncreaseStreamRetentionPeriod ListTagsForStream MergeShards PutRecord PutRecords SplitShard RemoveTagsFromStream',
  ),
  SSMParameterReadPolicy: on(
    'ParameterName',
    [`ssm:${HERE}:parameter/*`],
    'ssm',
    'DescribeParameters GetParameters GetParameter GetParametersByPath',
  ),
  CloudWatchPutMetricPolicy: { actions: ['cloudwatch:PutMetricData'] },
};

const fromTemplate = (name: string, given: Json): JsonObject | undefined => {
  const template = TEMPLATES[name];
  if (template === undefined) return undefined;
  const { parameter, arns = [], actions } = template;
  const value = parameter === undefined ? undefined : membersOf(given)[parameter];
  const resources = arns.map((arn) => {
    // The escaped asterisk is one for the policy.
    const text = arn.replace(/\\\*|\*/g, (found) => (found === '*' ? `\${name}` : '*'));
    return { 'Fn::Sub': [`arn:\${AWS::Partition}:${text}`, { name: value ?? '' }] };
  });
  return { Statement: [statement([...actions], resources.length === 0 ? '*' : resources)] };
};

/** Managed policies of AWS that live under a path of their own. */
const SERVICE_ROLE = /^AWSLambda(Basic|SQSQueue|Kinesis|DynamoDB|VPCAccess|MSK)ExecutionRole$|^AWSLambdaRole$/;

export const managedPolicyArn = (name: string): string =>
  `arn:aws:iam::aws:policy/${SERVICE_ROLE.test(name) ? 'service-role/' : ''}${name}`;

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
      else throw notSupported(`the policy template ${name} (resource ${functionId})`);
    }
  });
  return { managed, inline };
};
