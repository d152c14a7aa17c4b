import { base64OfBytes, utf8Length } from '@holdfast/kernel';
import {
  areTooManyTags,
  Constraints,
  isSystemTag,
  listTags,
  mergedTagList,
  RESOURCE_TAGS_MAX,
  type RequestContext,
  readTags,
  ServiceError,
} from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { StoredValue } from './stored.ts';

const VALUE_BYTES_MAX = 65_536;

type Tags = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;

export const checkSecretId = (secretId: string | undefined): string => {
  new Constraints().required('secretId', secretId).length('secretId', secretId, 1, 2_048).check();
  return secretId as string;
};

export const checkName = (name: string | undefined): string => {
  new Constraints().required('name', name).length('name', name, 1, 512).check();
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name as string)) {
    throw new ServiceError(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      400,
    );
  }
  return name as string;
};

interface ValueInput {
  readonly ClientRequestToken?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

/** The value that an input brings, if it brings one. Of a value that is wrong nothing is repeated. */
export const readValue = ({ ClientRequestToken, SecretString, SecretBinary }: ValueInput): StoredValue | undefined => {
  const constraints = new Constraints().length('clientRequestToken', ClientRequestToken, 32, 64);
  const bytes = SecretString === undefined ? SecretBinary?.length : utf8Length(SecretString);
  const path = SecretString === undefined ? 'secretBinary' : 'secretString';
  if (bytes !== undefined && bytes > VALUE_BYTES_MAX) {
    constraints.failUnseen(path, `Member must have length less than or equal to ${VALUE_BYTES_MAX}`);
  }
  if (bytes === 0) constraints.failUnseen(path, 'Member must have length greater than or equal to 1');
  constraints.check();
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (SecretString !== undefined) return { text: SecretString };
  return SecretBinary === undefined ? undefined : { binary: base64OfBytes(SecretBinary) };
};

/** A token names one version, and the version has one value. */
export const tokenInUse = (token: string, { arn }: { readonly arn: string }): ServiceError =>
  new ServiceError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
    400,
  );

export const sameValue = (a: StoredValue | undefined, b: StoredValue | undefined): boolean =>
  a?.text === b?.text && a?.binary === b?.binary;

/** Tags with some more. @throws ServiceError */
export const addedTags = (
  before: readonly { readonly Key: string; readonly Value: string }[],
  added: Tags,
  { isOfStack }: RequestContext,
): readonly { readonly Key: string; readonly Value: string }[] => {
  const constraints = new Constraints();
  for (const [index, { Key, Value }] of (added ?? []).entries()) {
    constraints
      .required(`tags.${index + 1}.member.key`, Key)
      .length(`tags.${index + 1}.member.key`, Key, 1, 128)
      .length(`tags.${index + 1}.member.value`, Value, 0, 256);
  }
  constraints.check();
  if (isOfStack !== true && (added ?? []).some(({ Key }) => isSystemTag(Key ?? ''))) {
    throw invalidParameter('Tag keys that begin with aws: are reserved.');
  }
  const tags = mergedTagList(before, listTags(readTags(added)));
  if (areTooManyTags(tags.map(({ Key }) => Key)))
    throw invalidParameter(`The number of tags exceeds the maximum of ${RESOURCE_TAGS_MAX}.`);
  return tags;
};
