import { functionArn } from '@holdfast/aws-model';
import { Constraints, type RequestContext, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

/** A function as a caller named it, completed with the caller's account and region. */
export interface FunctionLocator {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Alias, version number or `$LATEST`; `undefined` when the caller named none. */
  readonly qualifier: string | undefined;
  /** Unqualified. */
  readonly arn: string;
}

const LOCATOR =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** Two kinds of members take functions: older ones neither as many characters nor dots, which no name has anyway. */
export const PLAIN_NAME_LENGTH_MAX = 140;
const NAMESPACED_NAME_LENGTH_MAX = 256;

/** The patterns as AWS prints them in constraint messages. */
const SHOWN_START = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?`;
const SHOWN_PLAIN = String.raw`${SHOWN_START}([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`;
const SHOWN_NAMESPACED = String.raw`${SHOWN_START}([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`;

const QUALIFIER = /^[a-zA-Z0-9$_-]+$/;
const SHOWN_QUALIFIER = String.raw`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`;

/** ARN with the qualifier appended when there is one. */
export const qualifiedArn = (unqualifiedArn: string, qualifier: string | undefined): string =>
  qualifier === undefined ? unqualifiedArn : `${unqualifiedArn}:${qualifier}`;

/** Reads a name, partial ARN or full ARN without judging it; `undefined` when it is none of them. */
export const parseLocator = (text: string, account: string, region: string): FunctionLocator | undefined => {
  const match = LOCATOR.exec(text);
  if (match === null) return undefined;
  const [, givenRegion = region, givenAccount = account, name, qualifier] = match as unknown as [
    string,
    string | undefined,
    string | undefined,
    string,
    string | undefined,
  ];
  return {
    account: givenAccount,
    region: givenRegion,
    name,
    qualifier,
    arn: functionArn(givenRegion, givenAccount, name),
  };
};

/**
 * Reads the `FunctionName` member of a request: a name, a partial or a full ARN, each with or without qualifier,
 * and the separate `Qualifier` member.
 *
 * @throws ServiceError as AWS words it: bad name or qualifier, another region, two qualifiers that differ
 */
export const locate = (
  functionName: string | undefined,
  qualifier: string | undefined,
  context: RequestContext,
  lengthMax = NAMESPACED_NAME_LENGTH_MAX,
): FunctionLocator => {
  const given = qualifier === '' ? undefined : qualifier;
  const constraints = new Constraints().required('functionName', functionName);
  const locator = functionName === undefined ? undefined : parseLocator(functionName, context.account, context.region);
  if (functionName !== undefined) {
    constraints.length('functionName', functionName, 1, lengthMax);
    if (locator === undefined || (lengthMax <= PLAIN_NAME_LENGTH_MAX && locator.name.includes('.'))) {
      constraints.fail(
        'functionName',
        functionName,
        `Member must satisfy regular expression pattern: ${lengthMax > PLAIN_NAME_LENGTH_MAX ? SHOWN_NAMESPACED : SHOWN_PLAIN}`,
      );
    }
  }
  constraints.length('qualifier', given, 1, 128);
  constraints.pattern('qualifier', given, QUALIFIER, SHOWN_QUALIFIER);
  constraints.check();
  const found = locator as FunctionLocator;
  if (found.region !== context.region) {
    const text = `Functions from '${found.region}' are not reachable in this region ('${context.region}')`;
    throw new ServiceError('ResourceNotFoundException', text, 404, { Type: 'User', Message: text });
  }
  if (given !== undefined && found.qualifier !== undefined && given !== found.qualifier) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { ...found, qualifier: given ?? found.qualifier };
};

/** `2025-01-01T00:00:00.000+0000`, as in `LastModified` of functions. */
export const lambdaTimestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
