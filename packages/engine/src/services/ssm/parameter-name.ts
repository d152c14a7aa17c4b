import { makeArn, parseArn } from '@holdfast/aws-model';
import { Constraints, type RequestContext, ServiceError } from '../../core/index.ts';
import { invalid } from './errors.ts';

const LEVELS_MAX = 15;
const NAME_CHARACTERS_MAX = 1_011;

/** A name, possibly with the selector of a version (`name:3`) or label (`name:prod`). */
export interface ParameterReference {
  readonly name: string;
  readonly selector: string | undefined;
  /** Where the parameter lives, when an ARN says so. */
  readonly owner: { readonly account: string; readonly region: string } | undefined;
}

/** A hierarchy's own slash takes the place of the one in the ARN. */
export const parameterArn = (name: string, { account, region }: Pick<RequestContext, 'account' | 'region'>): string =>
  makeArn('ssm', region, account, `parameter${name.startsWith('/') ? '' : '/'}${name}`);

/** Reads a name or ARN with an optional selector. Of an ARN, whether the name had a slash in front is unknown. */
export const readReference = (text: string): ParameterReference => {
  const parsed = parseArn(text);
  const owner = parsed?.service === 'ssm' ? parsed : undefined;
  const plain = owner === undefined ? text : owner.resource.slice('parameter'.length);
  const cut = plain.indexOf(':');
  if (cut < 0) return { name: plain, selector: undefined, owner };
  return { name: plain.slice(0, cut), selector: plain.slice(cut + 1), owner };
};

/** Checks the name of a parameter that is about to be created. */
export const checkNewName = (name: string): void => {
  new Constraints().length('name', name, 1, 2048).check();
  const first = name.split('/').find((part) => part !== '') ?? '';
  if (/^aws/i.test(first)) {
    throw new ServiceError('AccessDeniedException', `No access to reserved parameter name: ${name}.`, 400);
  }
  const rules =
    'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix ' +
    'of letters, numbers and the following 3 symbols .-_';
  if (/^ssm/i.test(first)) {
    throw invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${rules}`);
  }
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.endsWith('/') || name.includes('//')) {
    throw invalid(`Invalid parameter name. Please use correct syntax for referencing a version/label. ${rules}`);
  }
  if (name.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (name.length > NAME_CHARACTERS_MAX) {
    throw invalid(`Parameter name exceeds the maximum length of ${NAME_CHARACTERS_MAX} characters.`);
  }
  if (name.split('/').length - 1 > LEVELS_MAX) {
    throw new ServiceError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${LEVELS_MAX} levels.`,
      400,
    );
  }
};

/** Checks the path of GetParametersByPath. */
export const checkPath = (path: string | undefined): void => {
  new Constraints().required('path', path).length('path', path, 1, 2048).check();
  if (/^\/(?:[a-zA-Z0-9_.-]+(?:\/[a-zA-Z0-9_.-]+)*\/?)?$/.test(path as string)) return;
  throw invalid(
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash " +
      '"/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the ' +
      'following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, ' +
      'if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );
};

const NAMES_MAX = 10;

/** The names of a call on several parameters. @throws ServiceError when there are none, or too many */
export const checkedNames = (names: readonly string[] | undefined): readonly string[] => {
  new Constraints().required('names', names).length('names', names, 1, NAMES_MAX).check();
  return names as readonly string[];
};
