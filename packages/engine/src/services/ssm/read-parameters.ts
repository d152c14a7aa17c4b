import type {
  Parameter as DescribedParameter,
  ParameterHistory,
  ParameterMetadata,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import { base64OfText, bytesOfBase64, type Digest, utf8Text } from '@holdfast/kernel';
import { Constraints, notSupported, ServiceError } from '../../core/index.ts';
import { type Found, latestOf, type Parameter, type StoredVersion } from './parameter-store.ts';

/** What stands in for a SecureString that is not decrypted: opaque, and the same for the same version. */
const ciphertext = (version: StoredVersion, digest: Digest): string =>
  `AQICAH${digest.sha256Base64(`${version.arn}:${version.version}:${version.value}`).replace(/=+$/, '')}`;

const shownValue = (version: StoredVersion, isDecrypted: boolean, digest: Digest): string =>
  version.type === 'SecureString' && !isDecrypted ? ciphertext(version, digest) : version.value;

export const describeParameter = (
  { parameter, version, selector }: Found,
  isDecrypted: boolean,
  digest: Digest,
): DescribedParameter => ({
  Name: parameter.name,
  Type: version.type,
  Value: shownValue(version, isDecrypted, digest),
  Version: version.version,
  ...(selector === undefined ? {} : { Selector: selector }),
  LastModifiedDate: new Date(version.modifiedAt),
  ARN: parameter.arn,
  DataType: version.dataType,
});

/** Everything but the value. */
export const describeMetadata = (parameter: Parameter, version = latestOf(parameter)): ParameterMetadata => ({
  Name: parameter.name,
  ARN: parameter.arn,
  Type: version.type,
  ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
  LastModifiedDate: new Date(version.modifiedAt),
  LastModifiedUser: version.modifiedBy,
  ...(version.description === undefined ? {} : { Description: version.description }),
  ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
  Version: version.version,
  Tier: version.tier,
  Policies: [],
  DataType: version.dataType,
});

export const describeHistory = (
  parameter: Parameter,
  version: StoredVersion,
  isDecrypted: boolean,
  digest: Digest,
): ParameterHistory => {
  const { ARN: _arn, ...metadata } = describeMetadata(parameter, version);
  return { ...metadata, Value: shownValue(version, isDecrypted, digest), Labels: [...version.labels] };
};

type Match = (parameter: Parameter) => boolean;

const textMatch = (filter: ParameterStringFilter, textsOf: (parameter: Parameter) => readonly string[]): Match => {
  const values = filter.Values ?? [];
  switch (filter.Option ?? 'Equals') {
    case 'Equals':
      return (parameter) => textsOf(parameter).some((text) => values.includes(text));
    case 'BeginsWith':
      return (parameter) => textsOf(parameter).some((text) => values.some((value) => text.startsWith(value)));
    case 'Contains':
      return (parameter) => textsOf(parameter).some((text) => values.some((value) => text.includes(value)));
    default:
      throw new ServiceError(
        'InvalidFilterOption',
        `The following filter option is not valid: ${filter.Option}. Valid options include: [BeginsWith, Equals].`,
        400,
      );
  }
};

/** Whether `name` lies under `path`: directly, or anywhere below. */
export const liesUnder = (name: string, path: string, isRecursive: boolean): boolean => {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (isRecursive || !name.slice(prefix.length).includes('/'));
};

const pathMatch = (filter: ParameterStringFilter): Match => {
  const option = filter.Option ?? 'OneLevel';
  if (option !== 'OneLevel' && option !== 'Recursive') {
    throw new ServiceError(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
      400,
    );
  }
  return (parameter) => (filter.Values ?? []).some((path) => liesUnder(parameter.name, path, option === 'Recursive'));
};

const matchFor = (filter: ParameterStringFilter): Match => {
  new Constraints().required('key', filter.Key).check();
  const key = filter.Key as string;
  if (key.startsWith('tag:')) {
    const tagKey = key.slice('tag:'.length);
    return textMatch(filter, ({ tags }) => tags.flatMap((tag) => (tag.Key === tagKey ? [tag.Value ?? ''] : [])));
  }
  switch (key) {
    case 'Name':
      return textMatch(filter, ({ name }) => [name, name.replace(/^\//, '')]);
    case 'Path':
      return pathMatch(filter);
    case 'Type':
      return textMatch(filter, (parameter) => [latestOf(parameter).type]);
    case 'KeyId':
      return textMatch(filter, (parameter) => [latestOf(parameter).keyId ?? '']);
    case 'Tier':
      return textMatch(filter, (parameter) => [latestOf(parameter).tier]);
    case 'DataType':
      return textMatch(filter, (parameter) => [latestOf(parameter).dataType]);
    case 'Label':
      return textMatch(filter, ({ versions }) => versions.flatMap((version) => version.labels));
    default:
      throw notSupported(`ParameterFilters with key ${key}`);
  }
};

/** All filters must hold. */
export const matchAll = (filters: readonly ParameterStringFilter[] = []): Match => {
  const matches = filters.map(matchFor);
  return (parameter) => matches.every((match) => match(parameter));
};

export interface Page {
  readonly parameters: Parameter[];
  /** Where the next page starts, in the shape callers get it. */
  readonly nextToken: string | undefined;
}

const encodeToken = (name: string): string => base64OfText(name);

export const decodeToken = (token: string | undefined): string | undefined =>
  token === undefined ? undefined : utf8Text(bytesOfBase64(token));

/** Takes a page from parameters in the order of their names. */
export const takePage = (parameters: Iterable<Parameter>, match: Match, limit: number): Page => {
  const page: Parameter[] = [];
  for (const parameter of parameters) {
    if (!match(parameter)) continue;
    const last = page[page.length - 1];
    if (page.length === limit && last !== undefined) return { parameters: page, nextToken: encodeToken(last.name) };
    page.push(parameter);
  }
  return { parameters: page, nextToken: undefined };
};
