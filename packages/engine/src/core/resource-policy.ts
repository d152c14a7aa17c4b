import type { Sender } from './delivery.ts';

type OneOrMany = string | readonly string[];

interface Statement {
  readonly Effect?: string;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Action?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

const list = (value: OneOrMany | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** IAM's `*` and `?` wildcards. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
};

const conditionHolds = (operator: string, key: string, expected: readonly string[], sender: Sender): boolean => {
  const actual =
    key.toLowerCase() === 'aws:sourcearn'
      ? sender.sourceArn
      : key.toLowerCase() === 'aws:sourceaccount'
        ? sender.sourceAccount
        : undefined;
  // Calls between services are always secure: an allow on `true` holds, the usual deny on `false` does not.
  if (operator === 'Bool') return key.toLowerCase() === 'aws:securetransport' && expected.includes('true');
  if (actual === undefined) return operator.endsWith('IfExists');
  switch (operator.replace(/IfExists$/, '')) {
    case 'StringEquals':
      return expected.includes(actual);
    case 'StringEqualsIgnoreCase':
      return expected.some((value) => value.toLowerCase() === actual.toLowerCase());
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return expected.some((value) => matchesWildcard(value, actual));
    default:
      return false;
  }
};

const statementMatches = (statement: Statement, sender: Sender, action: string, resourceArn: string): boolean => {
  const principal = statement.Principal;
  const principals = principal === '*' ? ['*'] : [...list(principal?.Service), ...list(principal?.AWS)];
  if (!principals.some((name) => name === '*' || name === sender.principal)) return false;
  if (!list(statement.Action).some((name) => matchesWildcard(name.toLowerCase(), action.toLowerCase()))) return false;
  const resources = list(statement.Resource);
  if (resources.length > 0 && !resources.some((name) => matchesWildcard(name, resourceArn))) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => conditionHolds(operator, key, list(expected), sender)),
  );
};

/**
 * Whether a resource policy lets a service principal act: an explicit deny wins, then any allow.
 * Calls by an execution role (no principal) are judged by the role, not here.
 */
export const policyAllows = (
  policy: string | undefined,
  sender: Sender,
  action: string,
  resourceArn: string,
): boolean => {
  if (sender.principal === undefined) return true;
  if (policy === undefined || policy === '') return false;
  const document = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  const statements = document.Statement === undefined ? [] : [document.Statement].flat();
  const matching = statements.filter((statement) =>
    statementMatches(statement as Statement, sender, action, resourceArn),
  ) as Statement[];
  return matching.some((s) => s.Effect === 'Allow') && !matching.some((s) => s.Effect === 'Deny');
};
