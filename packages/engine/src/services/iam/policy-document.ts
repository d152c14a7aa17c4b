import { malformedPolicy } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const VERSIONS = [undefined, '2012-10-17', '2008-10-17'];

const statementsOf = (text: string, syntaxError: string): Fields[] => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformedPolicy(syntaxError);
  }
  if (!isFields(document)) throw malformedPolicy('Syntax errors in policy.');
  if (!VERSIONS.includes(document['Version'] as string | undefined)) {
    throw malformedPolicy('The policy must contain a valid version string');
  }
  const statements = [document['Statement'] ?? []].flat();
  if (statements.length === 0) throw malformedPolicy('Syntax errors in policy.');
  for (const statement of statements) checkStatement(statement);
  return statements as Fields[];
};

const checkStatement = (statement: unknown): void => {
  if (!isFields(statement)) throw malformedPolicy('Syntax errors in policy.');
  const effect = statement['Effect'];
  if (effect === undefined) throw malformedPolicy('Missing required field Effect cannot be empty!');
  if (effect !== 'Allow' && effect !== 'Deny') throw malformedPolicy(`Invalid effect: ${String(effect)}`);
};

const isMissing = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

/** Checks the shape of a policy that says what its holder may do. What it says is stored, not enforced. */
export const checkIdentityPolicy = (text: string): void => {
  for (const statement of statementsOf(text, 'Syntax errors in policy.')) {
    if (statement['Principal'] !== undefined || statement['NotPrincipal'] !== undefined) {
      throw malformedPolicy('Policy document should not specify a principal.');
    }
    if (isMissing(statement['Action']) && isMissing(statement['NotAction'])) {
      throw malformedPolicy('Policy statement must contain actions.');
    }
    if (isMissing(statement['Resource']) && isMissing(statement['NotResource'])) {
      throw malformedPolicy('Policy statement must contain resources.');
    }
  }
};

/** Checks the shape of a trust policy: who may take a role on. */
export const checkTrustPolicy = (text: string): void => {
  for (const statement of statementsOf(text, 'This policy contains invalid Json')) {
    if (statement['Resource'] !== undefined || statement['NotResource'] !== undefined) {
      throw malformedPolicy('Has prohibited field Resource');
    }
    if (isMissing(statement['Principal']) && isMissing(statement['NotPrincipal'])) {
      throw malformedPolicy('Missing required field Principal');
    }
    const actions = [statement['Action'] ?? []].flat() as unknown[];
    if (actions.length === 0) throw malformedPolicy('Missing required field Action');
    if (!actions.every((action) => action === '*' || String(action).toLowerCase().startsWith('sts:'))) {
      throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
};

/** As answers carry policies: URL-encoded after RFC 3986. */
export const encodeDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
