import { bucketArn } from '@holdfast/aws-model';
import type {
  JsonObject,
  MemberShapes,
  PropertiesOf,
  ResourceContext,
  ResourceType,
  Shape,
  ValueOf,
} from '../../../core/index.ts';
import { pick, ResourceFailure, sameJson, TAGS, unlessMissing } from '../../../core/index.ts';
import { CANNED_ACLS } from '../canned-acl.ts';
import { CORS, corsOf, LIFECYCLE, lifecycleOf } from './bucket-rules.ts';

const FILTER = { S3Key: { Rules: [{ Name: 'string', Value: 'string' }] } } as const satisfies Shape;

const SHAPE = {
  AccessControl: 'string',
  BucketName: 'string',
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      {
        BucketKeyEnabled: 'boolean',
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'string', KMSMasterKeyID: 'string' },
      },
    ],
  },
  CorsConfiguration: CORS,
  LifecycleConfiguration: LIFECYCLE,
  NotificationConfiguration: {
    LambdaConfigurations: [{ Event: 'string', Filter: FILTER, Function: 'string' }],
    QueueConfigurations: [{ Event: 'string', Filter: FILTER, Queue: 'string' }],
    TopicConfigurations: [{ Event: 'string', Filter: FILTER, Topic: 'string' }],
    EventBridgeConfiguration: { EventBridgeEnabled: 'boolean' },
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'string' }] },
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: 'boolean',
    BlockPublicPolicy: 'boolean',
    IgnorePublicAcls: 'boolean',
    RestrictPublicBuckets: 'boolean',
  },
  Tags: TAGS,
  VersioningConfiguration: { Status: 'string' },
} as const satisfies MemberShapes;

type BucketProperties = PropertiesOf<typeof SHAPE>;

const filterOf = (filter: ValueOf<typeof FILTER> | undefined) =>
  filter === undefined ? {} : { Filter: { Key: { FilterRules: filter.S3Key?.Rules } } };

/** CloudFormation has one event per entry and its own names; the API has lists. */
const notificationsOf = (wanted: NonNullable<BucketProperties['NotificationConfiguration']>) => {
  const { LambdaConfigurations, QueueConfigurations, TopicConfigurations, EventBridgeConfiguration } = wanted;
  return {
    LambdaFunctionConfigurations: (LambdaConfigurations ?? []).map(({ Event, Filter, Function: arn }) => ({
      Events: [Event],
      LambdaFunctionArn: arn,
      ...filterOf(Filter),
    })),
    QueueConfigurations: (QueueConfigurations ?? []).map(({ Event, Filter, Queue }) => ({
      Events: [Event],
      QueueArn: Queue,
      ...filterOf(Filter),
    })),
    TopicConfigurations: (TopicConfigurations ?? []).map(({ Event, Filter, Topic }) => ({
      Events: [Event],
      TopicArn: Topic,
      ...filterOf(Filter),
    })),
    ...(EventBridgeConfiguration === undefined || EventBridgeConfiguration.EventBridgeEnabled === false
      ? {}
      : { EventBridgeConfiguration: {} }),
  };
};

/** Configures what differs between `before` and `wanted`. */
const configure = async (
  Bucket: string,
  before: BucketProperties,
  wanted: BucketProperties,
  context: ResourceContext,
): Promise<void> => {
  const changed = (name: keyof BucketProperties): boolean => !sameJson(before[name] ?? null, wanted[name] ?? null);
  const s3 = (action: string, input: object) => context.call('s3', action, { Bucket, ...input });
  if (changed('VersioningConfiguration')) {
    const VersioningConfiguration = wanted.VersioningConfiguration ?? { Status: 'Suspended' };
    await s3('PutBucketVersioning', { VersioningConfiguration });
  }
  if (changed('BucketEncryption')) {
    const rules = wanted.BucketEncryption?.ServerSideEncryptionConfiguration;
    if (rules === undefined) await s3('DeleteBucketEncryption', {});
    else {
      await s3('PutBucketEncryption', {
        ServerSideEncryptionConfiguration: {
          Rules: (rules as readonly { ServerSideEncryptionByDefault?: unknown; BucketKeyEnabled?: unknown }[]).map(
            ({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
              ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
              ...(BucketKeyEnabled === undefined ? {} : { BucketKeyEnabled }),
            }),
          ),
        },
      });
    }
  }
  if (changed('PublicAccessBlockConfiguration')) {
    if (wanted.PublicAccessBlockConfiguration === undefined) await s3('DeletePublicAccessBlock', {});
    else await s3('PutPublicAccessBlock', { PublicAccessBlockConfiguration: wanted.PublicAccessBlockConfiguration });
  }
  if (changed('OwnershipControls')) {
    if (wanted.OwnershipControls === undefined) await s3('DeleteBucketOwnershipControls', {});
    else await s3('PutBucketOwnershipControls', { OwnershipControls: wanted.OwnershipControls });
  }
  if (cannedAclOf(before) !== cannedAclOf(wanted)) await s3('PutBucketAcl', { ACL: cannedAclOf(wanted) });
  if (changed('CorsConfiguration')) {
    if (wanted.CorsConfiguration === undefined) await s3('DeleteBucketCors', {});
    else await s3('PutBucketCors', corsOf(wanted.CorsConfiguration));
  }
  if (changed('LifecycleConfiguration')) {
    if (wanted.LifecycleConfiguration === undefined) await s3('DeleteBucketLifecycle', {});
    else await s3('PutBucketLifecycleConfiguration', lifecycleOf(wanted.LifecycleConfiguration));
  }
  if (changed('Tags')) {
    if ((wanted.Tags ?? []).length === 0) await s3('DeleteBucketTagging', {});
    else await s3('PutBucketTagging', { Tagging: { TagSet: wanted.Tags } });
  }
  if (changed('NotificationConfiguration')) {
    const NotificationConfiguration = notificationsOf(wanted.NotificationConfiguration ?? {});
    await s3('PutBucketNotificationConfiguration', { NotificationConfiguration });
  }
};

const cannedAclOf = ({ AccessControl = 'Private' }: BucketProperties): string => {
  const acl = Object.hasOwn(CANNED_ACLS, AccessControl) ? CANNED_ACLS[AccessControl] : undefined;
  if (acl === undefined) throw new ResourceFailure(`#/AccessControl: ${AccessControl} is not a valid enum value`);
  return acl;
};

const ownershipOf = ({ OwnershipControls }: BucketProperties): string | undefined =>
  OwnershipControls?.Rules?.[0]?.ObjectOwnership;

/** Where there are no ACLs, S3 says so of an access control; where there are, it would have to be enforced. */
const wantsAcl = ({ AccessControl, OwnershipControls }: JsonObject): boolean => {
  if (
    typeof AccessControl !== 'string' ||
    ['Private', 'BucketOwnerFullControl', 'BucketOwnerRead'].includes(AccessControl)
  )
    return false;
  return (
    OwnershipControls !== undefined &&
    !sameJson(OwnershipControls, { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] })
  );
};

const stateOf = (name: string, { region }: ResourceContext) => ({
  physicalId: name,
  attributes: {
    Arn: bucketArn(name),
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
  },
});

export const s3Bucket: ResourceType<BucketProperties> = {
  type: 'AWS::S3::Bucket',
  refuses: (properties) => (wantsAcl(properties) ? ['AccessControl'] : []),
  properties: SHAPE,
  createOnly: ['BucketName'],
  nameProperty: 'BucketName',
  attributes: ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName', 'WebsiteURL'],
  hasSystemTags: true,
  async create(properties, context) {
    const name = properties.BucketName ?? context.generateName({ maxLength: 63, isLowerCase: true });
    await context.call('s3', 'CreateBucket', {
      Bucket: name,
      ACL: cannedAclOf(properties),
      ...(ownershipOf(properties) === undefined ? {} : { ObjectOwnership: ownershipOf(properties) }),
      ...(context.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: context.region } }),
    });
    try {
      await configure(name, pick(properties, 'AccessControl'), properties, context);
    } catch (error) {
      // The half-made bucket is not known to the stack yet and would stand in the way of the next attempt.
      await unlessMissing(context.call('s3', 'DeleteBucket', { Bucket: name }));
      throw error;
    }
    return stateOf(name, context);
  },
  async update(existing, properties, context) {
    await configure(existing.physicalId, existing.properties, properties, context);
    return stateOf(existing.physicalId, context);
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('s3', 'DeleteBucket', { Bucket: physicalId }));
  },
};
