import {
  type MemberShapes,
  type PropertiesOf,
  pick,
  type ResourceContext,
  ResourceFailure,
  type ResourceType,
  sameJson,
  TAGS,
  tagChanges,
  unlessMissing,
} from '../../../core/index.ts';

const SHAPE = {
  Description: 'string',
  GenerateSecretString: {
    ExcludeCharacters: 'string',
    ExcludeLowercase: 'boolean',
    ExcludeNumbers: 'boolean',
    ExcludePunctuation: 'boolean',
    ExcludeUppercase: 'boolean',
    GenerateStringKey: 'string',
    IncludeSpace: 'boolean',
    PasswordLength: 'number',
    RequireEachIncludedType: 'boolean',
    SecretStringTemplate: 'string',
  },
  KmsKeyId: 'string',
  Name: 'string',
  SecretString: 'string',
  Tags: TAGS,
} as const satisfies MemberShapes;

type SecretProperties = PropertiesOf<typeof SHAPE>;

const templateOf = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new ResourceFailure('Could not parse SecretStringTemplate JSON.');
  }
};

/** The secret's text: given, or made; without either it has none yet. */
const textOf = async (
  { SecretString, GenerateSecretString }: SecretProperties,
  context: ResourceContext,
): Promise<string | undefined> => {
  if (SecretString !== undefined && GenerateSecretString !== undefined) {
    throw new ResourceFailure('You can specify either GenerateSecretString or SecretString, not both.');
  }
  if (GenerateSecretString === undefined) return SecretString;
  const { GenerateStringKey, SecretStringTemplate, ...wanted } = GenerateSecretString;
  const isJson = SecretStringTemplate !== undefined;
  if (isJson !== (GenerateStringKey !== undefined)) {
    throw new ResourceFailure('SecretStringTemplate and GenerateStringKey must be specified together.');
  }
  const { RandomPassword } = await context.call<{ RandomPassword: string }>(
    'secretsmanager',
    'GetRandomPassword',
    wanted,
  );
  if (!isJson) return RandomPassword;
  return JSON.stringify({ ...templateOf(SecretStringTemplate), [GenerateStringKey as string]: RandomPassword });
};

const valueIn = (text: string | undefined) => (text === undefined ? {} : { SecretString: text });

export const secret: ResourceType<SecretProperties> = {
  type: 'AWS::SecretsManager::Secret',
  properties: SHAPE,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Id'],
  hasSystemTags: true,
  async create(properties, context) {
    const { Tags = [] } = properties;
    const { ARN } = await context.call<{ ARN: string }>('secretsmanager', 'CreateSecret', {
      Name: properties.Name ?? context.generateName({ maxLength: 512 }),
      ...pick(properties, 'Description', 'KmsKeyId'),
      ...(Tags.length === 0 ? {} : { Tags }),
      ...valueIn(await textOf(properties, context)),
    });
    return { physicalId: ARN, attributes: { Id: ARN } };
  },
  async update({ physicalId: SecretId, attributes, properties: before }, properties, context) {
    const isSame =
      before.SecretString === properties.SecretString &&
      sameJson(before.GenerateSecretString ?? null, properties.GenerateSecretString ?? null);
    await context.call('secretsmanager', 'UpdateSecret', {
      SecretId,
      Description: properties.Description ?? '',
      ...(before.KmsKeyId === properties.KmsKeyId
        ? {}
        : { KmsKeyId: properties.KmsKeyId ?? 'alias/aws/secretsmanager' }),
      ...(isSame ? {} : valueIn(await textOf(properties, context))),
    });
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('secretsmanager', 'TagResource', { SecretId, Tags: set });
    if (removed.length > 0) await context.call('secretsmanager', 'UntagResource', { SecretId, TagKeys: removed });
    return { physicalId: SecretId, attributes };
  },
  async delete({ physicalId: SecretId }, context) {
    const input = { SecretId, ForceDeleteWithoutRecovery: true };
    await unlessMissing(context.call('secretsmanager', 'DeleteSecret', input));
  },
};
