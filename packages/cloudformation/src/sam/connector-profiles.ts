import { memberOf } from '@holdfast/kernel';

export type AccessCategory = 'Read' | 'Write';

/** Actions on resources: patterns in which `{Source.Arn}` and the like stand for what is connected. */
export interface ConnectorGrant {
  readonly actions: readonly string[];
  readonly on: readonly string[];
}

/** A policy of the role of one end. */
interface RoleProfile {
  readonly kind: 'role';
  readonly of: 'Source' | 'Destination';
  readonly access: Readonly<Partial<Record<AccessCategory, readonly ConnectorGrant[]>>>;
  /** Who must not be made before the policy is there. */
  readonly dependedBy?: 'mapping' | 'source';
  /** The only permissions that may be asked for together. */
  readonly combinations?: readonly (readonly AccessCategory[])[];
}

/** A policy of the destination, which lets a service send for the source. */
interface ResourcePolicyProfile {
  readonly kind: 'queue' | 'topic' | 'function';
  readonly principal: string;
}

export type ConnectorProfile = RoleProfile | ResourcePolicyProfile;

const DESTINATION = '{Destination.Arn}';
const EXECUTIONS = `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:execution:{Destination.Name}:*`;
const NESTED_RULE = `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;

const grant = (service: string, actions: string, ...on: readonly string[]): ConnectorGrant => ({
  actions: actions.split(' ').map((action) => `${service}:${action}`),
  on: on.length === 0 ? [DESTINATION] : on,
});

const ofSource = (access: RoleProfile['access'], more: Partial<RoleProfile> = {}): RoleProfile => ({
  kind: 'role',
  of: 'Source',
  access,
  ...more,
});

const mapping = (access: RoleProfile['access'], more: Partial<RoleProfile> = {}): RoleProfile => ({
  kind: 'role',
  of: 'Destination',
  dependedBy: 'mapping',
  access,
  ...more,
});

const INVOKES = ofSource({ Write: [grant('lambda', 'InvokeAsync InvokeFunction')] });
const PUBLISHES = ofSource({ Write: [grant('sns', 'Publish')] });
const PUTS_EVENTS = ofSource({ Write: [grant('events', 'PutEvents')] });
const USES_TABLE = ofSource({
  Read: [
    grant(
      'dynamodb',
      'GetItem Query Scan BatchGetItem ConditionCheckItem PartiQLSelect',
      DESTINATION,
      `${DESTINATION}/index/*`,
    ),
  ],
  Write: [
    grant(
      'dynamodb',
      'PutItem UpdateItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate',
      DESTINATION,
      `${DESTINATION}/index/*`,
    ),
  ],
});
const USES_BUCKET = ofSource({
  Read: [
    grant(
      's3',
      'GetObject GetObjectAcl GetObjectLegalHold GetObjectRetention GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionForReplication GetObjectVersionTorrent ListBucket ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts',
      DESTINATION,
      `${DESTINATION}/*`,
    ),
  ],
  Write: [
    grant(
      's3',
      'AbortMultipartUpload DeleteObject DeleteObjectVersion PutObject PutObjectLegalHold PutObjectRetention RestoreObject',
      DESTINATION,
      `${DESTINATION}/*`,
    ),
  ],
});

const FUNCTION = 'AWS::Lambda::Function';
const MACHINE = 'AWS::StepFunctions::StateMachine';
const TABLE = 'AWS::DynamoDB::Table';
const QUEUE = 'AWS::SQS::Queue';
const TOPIC = 'AWS::SNS::Topic';
const BUS = 'AWS::Events::EventBus';
const BUCKET = 'AWS::S3::Bucket';

/**
 * From which type to which a connector leads, without those of services that are not played here.
 *
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
 */
const PROFILES: Readonly<Record<string, Readonly<Record<string, ConnectorProfile>>>> = {
  [TABLE]: {
    [FUNCTION]: mapping({
      Read: [grant('dynamodb', 'DescribeStream GetRecords GetShardIterator ListStreams', '{Source.Arn}/stream/*')],
    }),
  },
  'AWS::Events::Rule': {
    [TOPIC]: { kind: 'topic', principal: 'events.amazonaws.com' },
    [QUEUE]: { kind: 'queue', principal: 'events.amazonaws.com' },
    [FUNCTION]: { kind: 'function', principal: 'events.amazonaws.com' },
    [BUS]: PUTS_EVENTS,
    [MACHINE]: ofSource({ Write: [grant('states', 'StartExecution')] }),
  },
  [FUNCTION]: {
    [FUNCTION]: INVOKES,
    [BUCKET]: USES_BUCKET,
    [TABLE]: USES_TABLE,
    [QUEUE]: ofSource({
      Read: [grant('sqs', 'ReceiveMessage GetQueueAttributes')],
      Write: [grant('sqs', 'DeleteMessage SendMessage ChangeMessageVisibility PurgeQueue')],
    }),
    [TOPIC]: PUBLISHES,
    [MACHINE]: ofSource({
      Write: [grant('states', 'StartExecution StartSyncExecution'), grant('states', 'StopExecution', EXECUTIONS)],
      Read: [
        grant('states', 'DescribeStateMachine ListExecutions'),
        grant('states', 'DescribeExecution DescribeStateMachineForExecution GetExecutionHistory', EXECUTIONS),
      ],
    }),
    [BUS]: PUTS_EVENTS,
  },
  'AWS::ApiGatewayV2::Api': { [FUNCTION]: { kind: 'function', principal: 'apigateway.amazonaws.com' } },
  [TOPIC]: {
    [QUEUE]: { kind: 'queue', principal: 'sns.amazonaws.com' },
    [FUNCTION]: { kind: 'function', principal: 'sns.amazonaws.com' },
  },
  [QUEUE]: {
    [FUNCTION]: mapping(
      {
        Write: [grant('sqs', 'DeleteMessage', '{Source.Arn}')],
        Read: [grant('sqs', 'ReceiveMessage GetQueueAttributes', '{Source.Arn}')],
      },
      { combinations: [['Read', 'Write']] },
    ),
  },
  [BUCKET]: { [FUNCTION]: { kind: 'function', principal: 's3.amazonaws.com' } },
  [MACHINE]: {
    [FUNCTION]: INVOKES,
    [TOPIC]: PUBLISHES,
    [QUEUE]: ofSource({ Write: [grant('sqs', 'SendMessage')] }),
    [BUCKET]: USES_BUCKET,
    [TABLE]: USES_TABLE,
    [MACHINE]: ofSource(
      {
        Read: [grant('states', 'DescribeExecution', EXECUTIONS), grant('events', 'DescribeRule', NESTED_RULE)],
        Write: [
          grant('states', 'StartExecution'),
          grant('states', 'StopExecution', EXECUTIONS),
          grant('events', 'PutTargets PutRule', NESTED_RULE),
        ],
      },
      { dependedBy: 'source', combinations: [['Read'], ['Read', 'Write']] },
    ),
    [BUS]: PUTS_EVENTS,
  },
};

/** What a connector between two types means; `undefined` when there is none. */
export const connectorProfile = (source: string, destination: string): ConnectorProfile | undefined =>
  memberOf(memberOf(PROFILES, source) ?? {}, destination);
