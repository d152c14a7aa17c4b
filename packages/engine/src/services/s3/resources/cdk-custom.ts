import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

/*
 * Custom resources that the CDK makes by itself for its own constructs. What their functions would do is done here;
 * the functions are deployed and never called, as their answers would have to go to an `https` address.
 */

type Entries = readonly { readonly Id?: string }[];

/** A configuration in the words of the S3 API. */
interface Notifications {
  readonly LambdaFunctionConfigurations?: Entries;
  readonly QueueConfigurations?: Entries;
  readonly TopicConfigurations?: Entries;
  readonly EventBridgeConfiguration?: object;
}

const BUCKET_NOTIFICATIONS = {
  ServiceToken: 'string',
  BucketName: 'string',
  NotificationConfiguration: 'json',
  /** `false` for a bucket that another stack made: its other notifications stay. */
  Managed: 'boolean',
  SkipDestinationValidation: 'boolean',
} as const satisfies MemberShapes;

const BUCKET_NOTIFICATIONS_REQUIRED = ['BucketName', 'NotificationConfiguration'] as const;
type BucketNotificationsProperties = PropertiesOf<typeof BUCKET_NOTIFICATIONS, typeof BUCKET_NOTIFICATIONS_REQUIRED>;

const LISTS = ['LambdaFunctionConfigurations', 'QueueConfigurations', 'TopicConfigurations'] as const;

/** The bucket's configuration without what this stack put there, and with `wanted` added. */
const besides = async (bucket: string, wanted: Notifications, context: ResourceContext): Promise<Notifications> => {
  const current = await context.call<Notifications>('s3', 'GetBucketNotificationConfiguration', { Bucket: bucket });
  const mark = `${context.stackId}-${context.logicalId}-`;
  const lists = LISTS.map((list) => {
    const others = (current[list] ?? []).filter(({ Id }) => Id?.startsWith(mark) !== true);
    const own = (wanted[list] ?? []).map((entry, index) => ({ ...entry, Id: `${mark}${list[0]}${index}` }));
    return [list, [...others, ...own]] as const;
  });
  const toBus = wanted.EventBridgeConfiguration ?? current.EventBridgeConfiguration;
  return { ...Object.fromEntries(lists), ...(toBus === undefined ? {} : { EventBridgeConfiguration: toBus }) };
};

const notify = async (
  { BucketName, NotificationConfiguration, Managed, SkipDestinationValidation }: BucketNotificationsProperties,
  context: ResourceContext,
) => {
  await context.alone(`notifications of bucket ${BucketName}`, async () => {
    await context.call('s3', 'PutBucketNotificationConfiguration', {
      Bucket: BucketName,
      NotificationConfiguration:
        Managed === false ? await besides(BucketName, NotificationConfiguration, context) : NotificationConfiguration,
      ...(SkipDestinationValidation === true ? { SkipDestinationValidation } : {}),
    });
  });
};

/** Notifications of a CDK bucket, which for want of order between bucket and permission are no property of it. */
export const bucketNotifications: ResourceType<BucketNotificationsProperties> = {
  type: 'Custom::S3BucketNotifications',
  properties: BUCKET_NOTIFICATIONS,
  required: BUCKET_NOTIFICATIONS_REQUIRED,
  createOnly: ['BucketName'],
  attributes: [],
  async create(properties, context) {
    await notify(properties, context);
    return { physicalId: context.generateName(), attributes: {} };
  },
  async update({ physicalId }, properties, context) {
    await notify(properties, context);
    return { physicalId, attributes: {} };
  },
  async delete({ properties }, context) {
    await unlessMissing(notify({ ...properties, NotificationConfiguration: {} }, context));
  },
};

interface Versions {
  readonly Versions?: readonly { readonly Key: string; readonly VersionId: string }[];
  readonly DeleteMarkers?: Versions['Versions'];
  readonly IsTruncated?: boolean;
}

const empty = async (Bucket: string, context: ResourceContext): Promise<void> => {
  for (;;) {
    const listed = await context.call<Versions>('s3', 'ListObjectVersions', { Bucket });
    const Objects = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) return;
    await context.call('s3', 'DeleteObjects', { Bucket, Delete: { Objects, Quiet: true } });
  }
};

const AUTO_DELETE_OBJECTS = { ServiceToken: 'string', BucketName: 'string' } as const satisfies MemberShapes;

const AUTO_DELETE_OBJECTS_REQUIRED = ['BucketName'] as const;
type AutoDeleteObjectsProperties = PropertiesOf<typeof AUTO_DELETE_OBJECTS, typeof AUTO_DELETE_OBJECTS_REQUIRED>;

/** `autoDeleteObjects` of a CDK bucket: empties it before it is deleted. */
export const autoDeleteObjects: ResourceType<AutoDeleteObjectsProperties> = {
  type: 'Custom::S3AutoDeleteObjects',
  properties: AUTO_DELETE_OBJECTS,
  required: AUTO_DELETE_OBJECTS_REQUIRED,
  createOnly: ['BucketName'],
  attributes: [],
  create: async (_, context) => ({ physicalId: context.generateName(), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: ({ properties }, context) => unlessMissing(empty(properties.BucketName, context)),
};
