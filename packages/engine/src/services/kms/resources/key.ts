import {
  documentText,
  type MemberShapes,
  type PropertiesOf,
  pick,
  type ResourceContext,
  type ResourceType,
  ServiceError,
  TAGS,
  type Tag,
  tagChanges,
  unlessMissing,
} from '../../../core/index.ts';

const SHAPE = {
  BypassPolicyLockoutSafetyCheck: 'boolean',
  Description: 'string',
  Enabled: 'boolean',
  EnableKeyRotation: 'boolean',
  KeyPolicy: 'json',
  KeySpec: 'string',
  KeyUsage: 'string',
  MultiRegion: 'boolean',
  Origin: 'string',
  PendingWindowInDays: 'number',
  RotationPeriodInDays: 'number',
  Tags: TAGS,
} as const satisfies MemberShapes;

type KeyProperties = PropertiesOf<typeof SHAPE>;

const kmsTags = (tags: readonly Tag[]) => tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

/** Rotation first: a disabled key lets nobody change it. */
const settle = async (
  KeyId: string,
  before: KeyProperties,
  { EnableKeyRotation, RotationPeriodInDays, Enabled }: KeyProperties,
  context: ResourceContext,
): Promise<void> => {
  const isRotationNew =
    EnableKeyRotation !== before.EnableKeyRotation || RotationPeriodInDays !== before.RotationPeriodInDays;
  const isNowEnabled = Enabled ?? true;
  const wasEnabled = before.Enabled ?? true;
  if (isNowEnabled && !wasEnabled) await context.call('kms', 'EnableKey', { KeyId });
  if (isRotationNew && EnableKeyRotation === true) {
    const period = RotationPeriodInDays === undefined ? {} : { RotationPeriodInDays };
    await context.call('kms', 'EnableKeyRotation', { KeyId, ...period });
  } else if (isRotationNew && before.EnableKeyRotation === true) {
    await context.call('kms', 'DisableKeyRotation', { KeyId });
  }
  if (!isNowEnabled && wasEnabled) await context.call('kms', 'DisableKey', { KeyId });
};

export const key: ResourceType<KeyProperties> = {
  type: 'AWS::KMS::Key',
  properties: SHAPE,
  createOnly: ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  attributes: ['Arn', 'KeyId'],
  async create(properties, context) {
    const { KeyPolicy, Tags = [] } = properties;
    const { KeyMetadata } = await context.call<{ KeyMetadata: { KeyId: string; Arn: string } }>('kms', 'CreateKey', {
      ...pick(
        properties,
        'BypassPolicyLockoutSafetyCheck',
        'Description',
        'KeySpec',
        'KeyUsage',
        'MultiRegion',
        'Origin',
      ),
      ...(KeyPolicy === undefined ? {} : { Policy: documentText(KeyPolicy) }),
      ...(Tags.length === 0 ? {} : { Tags: kmsTags(Tags) }),
    });
    const { KeyId, Arn } = KeyMetadata;
    await settle(KeyId, {}, properties, context);
    return { physicalId: KeyId, attributes: { Arn, KeyId } };
  },
  async update({ physicalId: KeyId, attributes, properties: before }, properties, context) {
    const { Description = '', KeyPolicy } = properties;
    await context.call('kms', 'UpdateKeyDescription', { KeyId, Description });
    if (KeyPolicy !== undefined) {
      await context.call('kms', 'PutKeyPolicy', {
        KeyId,
        Policy: documentText(KeyPolicy),
        ...pick(properties, 'BypassPolicyLockoutSafetyCheck'),
      });
    }
    await settle(KeyId, before, properties, context);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('kms', 'TagResource', { KeyId, Tags: kmsTags(set) });
    if (removed.length > 0) await context.call('kms', 'UntagResource', { KeyId, TagKeys: removed });
    return { physicalId: KeyId, attributes };
  },
  async delete({ physicalId: KeyId, properties: { PendingWindowInDays } }, context) {
    try {
      const window = PendingWindowInDays === undefined ? {} : { PendingWindowInDays };
      await unlessMissing(context.call('kms', 'ScheduleKeyDeletion', { KeyId, ...window }));
    } catch (error) {
      const isLeaving = error instanceof ServiceError && error.code === 'KMSInvalidStateException';
      if (!isLeaving) throw error;
    }
  },
};
