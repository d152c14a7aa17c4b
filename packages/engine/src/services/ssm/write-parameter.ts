import type { ParameterTier, PutParameterCommandInput, Tag } from '@aws-sdk/client-ssm';
import { rootArn } from '@holdfast/aws-model';
import {
  areTooManyTags,
  Constraints,
  mergedTagList,
  notSupported,
  RESOURCE_TAGS_MAX,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { invalid, versionNotFound } from './errors.ts';
import { checkNewName, parameterArn } from './parameter-name.ts';
import { latestOf, type Parameter, type ParameterStore, type StoredVersion } from './parameter-store.ts';
import { checkKey } from './secure-string.ts';

const STANDARD_CHARACTERS_MAX = 4_096;
const ADVANCED_CHARACTERS_MAX = 8_192;
const STANDARD_PARAMETERS_MAX = 10_000;
const VERSIONS_MAX = 100;
const LABELS_MAX = 10;
const DEFAULT_KEY = 'alias/aws/ssm';

const checkShape = (input: PutParameterCommandInput): void => {
  new Constraints()
    .required('name', input.Name)
    .required('value', input.Value)
    .length('description', input.Description, 0, 1024)
    .length('allowedPattern', input.AllowedPattern, 0, 1024)
    .oneOf('type', input.Type, ['SecureString', 'StringList', 'String'])
    .oneOf('tier', input.Tier, ['Standard', 'Advanced', 'Intelligent-Tiering'])
    .check();
  if (input.Value === '') throw invalid('Value cannot be empty.');
  if (/\{\{.*\}\}/s.test(input.Value as string)) {
    throw invalid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value: ${input.Value}`);
  }
  if (input.DataType !== undefined && input.DataType !== 'text') {
    throw notSupported(`PutParameter with DataType ${input.DataType}`);
  }
};

/** Advanced stays advanced; intelligent tiering takes what the value needs. */
const chooseTier = (input: PutParameterCommandInput, before: StoredVersion | undefined): ParameterTier => {
  const characters = (input.Value as string).length;
  const wanted = input.Tier ?? before?.tier ?? 'Standard';
  if (input.Tier === 'Standard' && before?.tier === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter " +
        'tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as ' +
        'a standard parameter.',
    );
  }
  const tier: ParameterTier =
    wanted === 'Intelligent-Tiering'
      ? before?.tier === 'Advanced' || characters > STANDARD_CHARACTERS_MAX
        ? 'Advanced'
        : 'Standard'
      : wanted;
  if (tier === 'Standard' && characters > STANDARD_CHARACTERS_MAX) {
    throw invalid(
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter ' +
        'value, upgrade the parameter to use the advanced-parameter tier. For more information, see ' +
        'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    );
  }
  if (characters > ADVANCED_CHARACTERS_MAX) {
    throw invalid('Advanced tier parameters support a maximum parameter value of 8192 characters.');
  }
  return tier;
};

const checkPattern = (pattern: string | undefined, value: string): void => {
  if (pattern === undefined || pattern === '') return;
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new ServiceError('InvalidAllowedPatternException', `The pattern ${pattern} is not valid.`, 400);
  }
  if (expression.test(value)) return;
  throw new ServiceError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    400,
  );
};

const roomForVersion = (parameter: Parameter): readonly StoredVersion[] => {
  if (parameter.versions.length < VERSIONS_MAX) return parameter.versions;
  const [oldest, ...rest] = parameter.versions as [StoredVersion, ...StoredVersion[]];
  if (oldest.labels.length === 0) return rest;
  throw new ServiceError(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite ` +
      `flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with ` +
      'it. Move the label to another version of the parameter, and try again.',
    400,
  );
};

/** Creates a parameter, or the next version of one. Returns what was written. */
export const putParameter = (
  environment: ServiceEnvironment,
  store: ParameterStore,
  input: PutParameterCommandInput,
  context: RequestContext,
): { readonly parameter: Parameter; readonly isNew: boolean } => {
  checkShape(input);
  const name = input.Name as string;
  checkNewName(name);
  if (input.Overwrite === true && input.Tags !== undefined && input.Tags.length > 0) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
        'overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or ' +
        'RemoveTagsFromResource.',
    );
  }
  const existing = store.find(name, context);
  const before = existing === undefined ? undefined : latestOf(existing);
  if (existing !== undefined && input.Overwrite !== true) {
    throw new ServiceError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      400,
    );
  }
  const type = input.Type ?? before?.type;
  if (type === undefined) throw invalid('A parameter type is required when you create a parameter.');
  if (before !== undefined && type !== before.type) {
    throw new ServiceError(
      'HierarchyTypeMismatchException',
      `Parameter Store does not support changing a parameter's type from ${before.type} to ${type}.`,
      400,
    );
  }
  if (input.KeyId !== undefined && type !== 'SecureString') {
    throw invalid(`KeyId is required for SecureString type parameter only.`);
  }
  const tier = chooseTier(input, before);
  if (existing === undefined && tier === 'Standard' && store.count(context) >= STANDARD_PARAMETERS_MAX) {
    throw new ServiceError(
      'ParameterLimitExceeded',
      'You have exceeded the maximum number of parameters for this AWS account.',
      429,
    );
  }
  const value = input.Value as string;
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern;
  checkPattern(allowedPattern, value);
  const arn = parameterArn(name, context);
  const version: StoredVersion = {
    arn,
    version: (before?.version ?? 0) + 1,
    type,
    value,
    keyId: type === 'SecureString' ? (input.KeyId ?? before?.keyId ?? DEFAULT_KEY) : undefined,
    allowedPattern,
    description: input.Description ?? before?.description,
    tier,
    dataType: 'text',
    labels: [],
    modifiedAt: context.now,
    modifiedBy: context.callerArn ?? rootArn(context.account),
  };
  checkKey(environment, version, 'kms:Encrypt', context);
  const parameter: Parameter = {
    arn,
    name,
    account: context.account,
    region: context.region,
    tags: existing?.tags ?? mergedTags([], input.Tags),
    versions: [...(existing === undefined ? [] : roomForVersion(existing)), version],
  };
  store.put(parameter);
  return { parameter, isNew: existing === undefined };
};

export const mergedTags = (tags: readonly Tag[], added: readonly Tag[] | undefined): readonly Tag[] => {
  const merged = mergedTagList(tags, added);
  if (areTooManyTags(merged.map(({ Key = '' }) => Key))) {
    const text = `The number of tags exceeds the maximum of ${RESOURCE_TAGS_MAX} per resource.`;
    throw new ServiceError('TooManyTagsError', text, 400);
  }
  return merged;
};

const LABEL = /^(?!aws|ssm)[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}$/i;

/** Puts labels on a version, taking them off any other. Labels that break the rules come back. */
export const labelVersion = (
  store: ParameterStore,
  parameter: Parameter,
  versionNumber: number | undefined,
  labels: readonly string[],
): { readonly invalidLabels: string[]; readonly version: number } => {
  const target =
    versionNumber === undefined
      ? latestOf(parameter)
      : parameter.versions.find(({ version }) => version === versionNumber);
  if (target === undefined) throw versionNotFound(parameter.name, String(versionNumber));
  const valid = labels.filter((label) => LABEL.test(label));
  const invalidLabels = labels.filter((label) => !LABEL.test(label));
  const together = new Set([...target.labels, ...valid]);
  if (together.size > LABELS_MAX) {
    throw new ServiceError(
      'ParameterVersionLabelLimitExceeded',
      'An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion operation: ' +
        'A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
      400,
    );
  }
  if (valid.length > 0) {
    const versions = parameter.versions.map((version) => {
      if (version === target) return { ...version, labels: [...together] };
      const left = version.labels.filter((label) => !valid.includes(label));
      return left.length === version.labels.length ? version : { ...version, labels: left };
    });
    store.put({ ...parameter, versions });
  }
  return { invalidLabels, version: target.version };
};

export const unlabelVersion = (
  store: ParameterStore,
  parameter: Parameter,
  versionNumber: number | undefined,
  labels: readonly string[],
): { readonly removed: string[]; readonly unknown: string[] } => {
  const target = parameter.versions.find(({ version }) => version === versionNumber);
  if (target === undefined) throw versionNotFound(parameter.name, String(versionNumber));
  const removed = labels.filter((label) => target.labels.includes(label));
  const left = target.labels.filter((label) => !labels.includes(label));
  const versions = parameter.versions.map((version) => (version === target ? { ...version, labels: left } : version));
  store.put({ ...parameter, versions });
  return { removed, unknown: labels.filter((label) => !removed.includes(label)) };
};
