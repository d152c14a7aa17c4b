import type * as Sdk from '@aws-sdk/client-kms';
import type { CreateKeyCommandInput, KeyMetadata } from '@aws-sdk/client-kms';
import { DAY_MS } from '@holdfast/kernel';
import { byUnits, Constraints, notSupported, type Operations, operation, pageByKey } from '../../core/index.ts';
import { disabled, invalidMarker, notFound, pendingDeletion, validation } from './errors.ts';
import type { KeyDesk } from './key-desk.ts';
import { checkKeyPolicy, checkLockout } from './key-policy.ts';
import { truncated } from './pages.ts';
import type { KeyRegistry } from './registry.ts';
import type { StoredKey } from './stored.ts';
import { addedTags } from './tag-operations.ts';

const WINDOW_DAYS_DEFAULT = 30;
const PAGE_DEFAULT = 100;

const stateOf = ({ isEnabled, deletionAt }: StoredKey) =>
  deletionAt !== undefined ? 'PendingDeletion' : isEnabled ? 'Enabled' : 'Disabled';

const describe = (key: StoredKey): KeyMetadata => ({
  AWSAccountId: key.account,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.createdAt),
  Enabled: key.isEnabled && key.deletionAt === undefined,
  Description: key.description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: stateOf(key),
  ...(key.deletionAt === undefined ? {} : { DeletionDate: new Date(key.deletionAt) }),
  Origin: 'AWS_KMS',
  KeyManager: key.manager,
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
});

/** A key has one policy, of one name. */
const checkPolicyName = (name: string | undefined): void => {
  if (name !== undefined && name !== 'default') throw notFound('No such policy exists');
};

const checkNewKey = (input: CreateKeyCommandInput): void => {
  new Constraints()
    .length('policy', input.Policy, 1, 131_072)
    .length('description', input.Description, 0, 8_192)
    .oneOf('keyUsage', input.KeyUsage, ['SIGN_VERIFY', 'ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'])
    .oneOf('origin', input.Origin, ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'])
    .check();
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT') throw notSupported(`keys of the spec ${spec}`);
  const { KeyUsage = 'ENCRYPT_DECRYPT', Origin = 'AWS_KMS', MultiRegion } = input;
  if (KeyUsage !== 'ENCRYPT_DECRYPT') {
    throw validation(`KeyUsage ${KeyUsage} is not compatible with KeySpec SYMMETRIC_DEFAULT`);
  }
  if (Origin !== 'AWS_KMS') throw notSupported(`keys of the origin ${Origin}`);
  if (MultiRegion === true) throw notSupported('keys of several regions (MultiRegion)');
};

/** Keys themselves: their life from creation to deletion, and their policy. */
export const keyOperations = (registry: KeyRegistry, desk: KeyDesk): Operations<typeof Sdk> => {
  /** A key that is not about to be deleted. */
  const lasting = (key: StoredKey): StoredKey => {
    if (key.deletionAt !== undefined) throw pendingDeletion(key.arn);
    return key;
  };
  const checkKeyId = (keyId: string | undefined): string => {
    new Constraints().required('keyId', keyId).length('keyId', keyId, 1, 2_048).check();
    return keyId as string;
  };

  return {
    CreateKey: operation(
      [
        'Policy',
        'Description',
        'KeyUsage',
        'CustomerMasterKeySpec',
        'KeySpec',
        'Origin',
        'BypassPolicyLockoutSafetyCheck',
        'Tags',
        'MultiRegion',
      ],
      (input, context) => {
        checkNewKey(input);
        if (input.Policy !== undefined) checkKeyPolicy(input.Policy);
        const key = registry.newKey(context, {
          description: input.Description ?? '',
          tags: addedTags({}, input.Tags),
          ...(input.Policy === undefined ? {} : { policy: input.Policy }),
        });
        checkLockout(key, context, input.BypassPolicyLockoutSafetyCheck);
        registry.putKey(key);
        return { KeyMetadata: describe(key) };
      },
    ),
    DescribeKey: operation(['KeyId', 'GrantTokens'], (input, context) => ({
      KeyMetadata: describe(desk.open(checkKeyId(input.KeyId), 'kms:DescribeKey', context)),
    })),
    ListKeys: operation(['Limit', 'Marker'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, 1_000).check();
      const keys = [...registry.keysIn(context)].sort((a, b) => byUnits(a.id, b.id));
      const request = { token: input.Marker, size: input.Limit ?? PAGE_DEFAULT, invalid: invalidMarker };
      const { page, ...rest } = truncated(pageByKey(keys, ({ id }) => id, request));
      return { Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
    }),
    EnableKey: operation(['KeyId'], (input, context) => {
      const key = lasting(desk.open(checkKeyId(input.KeyId), 'kms:EnableKey', context));
      registry.putKey({ ...key, isEnabled: true });
      return {};
    }),
    DisableKey: operation(['KeyId'], (input, context) => {
      const key = lasting(desk.open(checkKeyId(input.KeyId), 'kms:DisableKey', context));
      registry.putKey({ ...key, isEnabled: false });
      return {};
    }),
    ScheduleKeyDeletion: operation(['KeyId', 'PendingWindowInDays'], (input, context) => {
      const { PendingWindowInDays: days = WINDOW_DAYS_DEFAULT } = input;
      const keyId = checkKeyId(input.KeyId);
      new Constraints().range('pendingWindowInDays', days, 7, 30).check();
      const key = lasting(desk.open(keyId, 'kms:ScheduleKeyDeletion', context));
      const leaving = { ...key, isEnabled: false, deletionAt: context.now + days * DAY_MS };
      registry.putKey(leaving);
      desk.watch(leaving);
      const DeletionDate = new Date(leaving.deletionAt);
      return { KeyId: key.arn, DeletionDate, KeyState: 'PendingDeletion', PendingWindowInDays: days };
    }),
    CancelKeyDeletion: operation(['KeyId'], (input, context) => {
      const key = desk.open(checkKeyId(input.KeyId), 'kms:CancelKeyDeletion', context);
      if (key.deletionAt === undefined) throw notPending(key);
      const { deletionAt: _, ...kept } = key;
      registry.putKey(kept);
      return { KeyId: key.arn };
    }),
    UpdateKeyDescription: operation(['KeyId', 'Description'], (input, context) => {
      const keyId = checkKeyId(input.KeyId);
      new Constraints()
        .required('description', input.Description)
        .length('description', input.Description, 0, 8_192)
        .check();
      const key = lasting(desk.open(keyId, 'kms:UpdateKeyDescription', context));
      registry.putKey({ ...key, description: input.Description as string });
      return {};
    }),
    GetKeyPolicy: operation(['KeyId', 'PolicyName'], (input, context) => {
      const key = desk.open(checkKeyId(input.KeyId), 'kms:GetKeyPolicy', context);
      checkPolicyName(input.PolicyName);
      return { Policy: key.policy, PolicyName: 'default' };
    }),
    ListKeyPolicies: operation(['KeyId', 'Limit', 'Marker'], (input, context) => {
      desk.open(checkKeyId(input.KeyId), 'kms:ListKeyPolicies', context);
      return { PolicyNames: ['default'], Truncated: false };
    }),
    PutKeyPolicy: operation(['KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'], (input, context) => {
      const keyId = checkKeyId(input.KeyId);
      new Constraints().required('policy', input.Policy).length('policy', input.Policy, 1, 131_072).check();
      const key = desk.open(keyId, 'kms:PutKeyPolicy', context);
      checkPolicyName(input.PolicyName);
      const policy = input.Policy as string;
      checkKeyPolicy(policy);
      const changed = { ...key, policy };
      checkLockout(changed, context, input.BypassPolicyLockoutSafetyCheck);
      registry.putKey(changed);
      return {};
    }),
    ...rotationOperations(registry, desk, checkKeyId, lasting),
  };
};

const notPending = ({ arn }: StoredKey) => {
  const error = pendingDeletion(arn);
  return Object.assign(error, { message: `${arn} is not pending deletion.` });
};

const ROTATION_DAYS_DEFAULT = 365;
const ON_DEMAND_MAX = 25;

/** New material from time to time. */
const rotationOperations = (
  registry: KeyRegistry,
  desk: KeyDesk,
  checkKeyId: (keyId: string | undefined) => string,
  lasting: (key: StoredKey) => StoredKey,
): Operations<typeof Sdk> => ({
  EnableKeyRotation: operation(['KeyId', 'RotationPeriodInDays'], (input, context) => {
    const keyId = checkKeyId(input.KeyId);
    new Constraints().range('rotationPeriodInDays', input.RotationPeriodInDays, 90, 2_560).check();
    const key = desk.usable(desk.open(keyId, 'kms:EnableKeyRotation', context));
    const periodDays = input.RotationPeriodInDays ?? key.rotation?.periodDays ?? ROTATION_DAYS_DEFAULT;
    const isSame = key.rotation?.periodDays === periodDays;
    const nextAt = isSame && key.rotation !== undefined ? key.rotation.nextAt : context.now + periodDays * DAY_MS;
    registry.putKey({ ...key, rotation: { periodDays, nextAt } });
    return {};
  }),
  DisableKeyRotation: operation(['KeyId'], (input, context) => {
    const key = desk.usable(desk.open(checkKeyId(input.KeyId), 'kms:DisableKeyRotation', context));
    const { rotation: _, ...kept } = key;
    registry.putKey(kept);
    return {};
  }),
  GetKeyRotationStatus: operation(['KeyId'], (input, context) => {
    const key = desk.open(checkKeyId(input.KeyId), 'kms:GetKeyRotationStatus', context);
    const { rotation } = key.deletionAt === undefined && key.isEnabled ? desk.usable(key) : key;
    if (rotation === undefined || key.deletionAt !== undefined) return { KeyId: key.arn, KeyRotationEnabled: false };
    const NextRotationDate = new Date(rotation.nextAt);
    return { KeyId: key.arn, KeyRotationEnabled: true, RotationPeriodInDays: rotation.periodDays, NextRotationDate };
  }),
  RotateKeyOnDemand: operation(['KeyId'], (input, context) => {
    const key = lasting(desk.open(checkKeyId(input.KeyId), 'kms:RotateKeyOnDemand', context));
    if (!key.isEnabled) throw disabled(key.arn);
    const { materials } = desk.usable(key);
    if (materials.filter(({ type }) => type === 'ON_DEMAND').length >= ON_DEMAND_MAX) {
      throw validation(`${key.arn} has been rotated on demand ${ON_DEMAND_MAX} times, which is the limit.`);
    }
    const fresh = { ...registry.newMaterial(context.now), type: 'ON_DEMAND' as const };
    registry.putKey({ ...desk.usable(key), materials: [...materials, fresh] });
    return { KeyId: key.arn };
  }),
  ListKeyRotations: operation(['KeyId', 'Limit', 'Marker'], (input, context) => {
    const key = desk.open(checkKeyId(input.KeyId), 'kms:ListKeyRotations', context);
    new Constraints().range('limit', input.Limit, 1, 1_000).check();
    const rotations = key.materials.slice(1).map(({ since, type }) => ({
      KeyId: key.arn,
      RotationDate: new Date(since),
      RotationType: type ?? ('AUTOMATIC' as const),
    }));
    const request = { token: input.Marker, size: input.Limit ?? PAGE_DEFAULT, invalid: invalidMarker };
    const { page, ...rest } = truncated(
      pageByKey(rotations, ({ RotationDate }) => RotationDate.toISOString(), request),
    );
    return { Rotations: page, ...rest };
  }),
});
