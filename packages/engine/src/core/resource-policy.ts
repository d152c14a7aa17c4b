import { memberOf } from '@holdfast/kernel';
import type { Sender } from './delivery.ts';
import { isObject } from './json.ts';

type OneOrMany = string | readonly string[];

interface Statement {
  readonly Effect?: string;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly NotPrincipal?: unknown;
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

/** What a policy is asked. */
export interface PolicyQuestion {
  /** All that the caller goes by in `Principal`: a service, an account, the ARN of a role and of its session. */
  readonly principals: readonly string[];
  /** E.g. `sqs:SendMessage`. */
  readonly action: string;
  readonly resourceArn: string;
  /** Values of condition keys, their names in lower case. */
  readonly conditions: Readonly<Record<string, OneOrMany | undefined>>;
}

/** Also of what people write bare in JSON: `"aws:SecureTransport": false`. */
const list = (value: OneOrMany | undefined): readonly string[] =>
  value === undefined ? [] : ([value].flat() as readonly unknown[]).map(String);

/** IAM's `*` and `?` wildcards. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
};

const equals = (expected: string, actual: string): boolean => expected === actual;
const equalsIgnoringCase = (expected: string, actual: string): boolean =>
  expected.toLowerCase() === actual.toLowerCase();

/** Whether an expected and an actual value agree, by operator. What is not here never holds. */
const COMPARISONS: Readonly<Record<string, (expected: string, actual: string) => boolean>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: matchesWildcard,
  ArnLike: matchesWildcard,
  ArnEquals: matchesWildcard,
  Bool: equalsIgnoringCase,
};

const conditionHolds = (
  operator: string,
  key: string,
  expected: readonly string[],
  conditions: PolicyQuestion['conditions'],
): boolean => {
  const name = key.toLowerCase();
  // Calls within the engine are always secure: an allow on `true` holds, the usual deny on `false` does not.
  const given = name === 'aws:securetransport' ? 'true' : memberOf(conditions, name);
  if (operator === 'Null') return expected.includes(String(given === undefined));
  const [, quantifier, negated, bare = '', ifExists] =
    /^(ForAnyValue:|ForAllValues:)?(?:(String|Arn)Not)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const comparison = memberOf(COMPARISONS, `${negated ?? ''}${bare}`);
  if (comparison === undefined) return false;
  if (given === undefined) return ifExists !== undefined || negated !== undefined || quantifier === 'ForAllValues:';
  const agrees = (actual: string) => expected.some((value) => comparison(value, actual)) === (negated === undefined);
  return quantifier === 'ForAllValues:' ? list(given).every(agrees) : list(given).some(agrees);
};

const matchesPrincipal = ({ Principal: principal }: Statement, principals: readonly string[]): boolean => {
  const named = principal === '*' ? ['*'] : [...list(principal?.['Service']), ...list(principal?.['AWS'])];
  return named.some((name) => name === '*' || principals.includes(name));
};

const statementMatches = (statement: Statement, question: PolicyQuestion): boolean => {
  const { Action, NotAction, Resource, NotResource, NotPrincipal, Condition } = statement;
  const among = (names: readonly string[], text: string) =>
    names.some((name) => matchesWildcard(name.toLowerCase(), text.toLowerCase()));
  if (NotPrincipal !== undefined || !matchesPrincipal(statement, question.principals)) return false;
  if (NotAction === undefined ? !among(list(Action), question.action) : among(list(NotAction), question.action)) {
    return false;
  }
  const inResources = (names: readonly string[]) => names.some((name) => matchesWildcard(name, question.resourceArn));
  if (list(Resource).length > 0 && !inResources(list(Resource))) return false;
  if (inResources(list(NotResource))) return false;
  return Object.entries(Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys ?? {}).every(([key, expected]) =>
      conditionHolds(operator, key, list(expected), question.conditions),
    ),
  );
};

/**
 * What a resource policy says: an explicit deny wins, then any allow; else nothing.
 *
 * `NotPrincipal`, and operators on numbers, dates and addresses, never match.
 */
export const judgePolicy = (policy: string | undefined, question: PolicyQuestion): 'allow' | 'deny' | undefined => {
  if (policy === undefined || policy === '') return undefined;
  const document = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  const statements = (document.Statement === undefined ? [] : [document.Statement].flat()) as readonly Statement[];
  const effects = statements
    .filter((each) => isObject(each) && statementMatches(each, question))
    .map(({ Effect }) => Effect);
  return effects.includes('Deny') ? 'deny' : effects.includes('Allow') ? 'allow' : undefined;
};

/**
 * Whether a resource policy lets a service principal act. Calls by an execution role (no principal) are judged by the role,
 * not here.
 */
export const policyAllows = (
  policy: string | undefined,
  { principal, sourceArn, sourceAccount }: Sender,
  action: string,
  resourceArn: string,
): boolean => {
  if (principal === undefined) return true;
  const conditions = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': sourceAccount };
  return judgePolicy(policy, { principals: [principal], action, resourceArn, conditions }) === 'allow';
};
