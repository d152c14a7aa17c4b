import { type JsonToken, locationText, tokenize } from '../../core/index.ts';
import { cidrFault } from './cidr.ts';
import { parseFailureText } from './parse-failure.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** What a value may be; a list of these is an OR. */
export type FilterCondition =
  | { readonly kind: 'equals'; readonly value: string | number | boolean | null }
  | { readonly kind: 'text'; readonly operator: TextOperator; readonly operand: string }
  | { readonly kind: 'anything-but'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'anything-but-text'; readonly operator: TextOperator; readonly operands: readonly string[] }
  | { readonly kind: 'numeric'; readonly bounds: readonly NumericBound[] }
  | { readonly kind: 'exists'; readonly isThere: boolean };

export type TextOperator = 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard' | 'cidr';

export interface NumericBound {
  readonly operator: '=' | '<' | '<=' | '>' | '>=';
  readonly value: number;
}

/** All fields must match, and of `alternatives` (`$or`) any one. */
export interface FilterNode {
  readonly fields: readonly (readonly [name: string, test: FilterNode | readonly FilterCondition[]])[];
  readonly alternatives: readonly FilterNode[];
}

/** Names in a policy; of nested ones only the outermost count. */
const KEYS_MAX = 5;
const COMBINATIONS_MAX = 150;

const isLeaf = (test: FilterNode | readonly FilterCondition[]): test is readonly FilterCondition[] =>
  Array.isArray(test);

/** A policy that is not well-formed; the message is AWS's, without the parameter's name. */
export class FilterPolicyError extends Error {}

/** Reads tokens in order, failing in the words and at the places of AWS's own parser. */
class PolicyReader {
  readonly #json: string;
  readonly #tokens: readonly JsonToken[];
  #next = 0;

  constructor(json: string) {
    this.#json = json;
    this.#tokens = tokenize(json);
  }

  take(): JsonToken {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw new FilterPolicyError('Unexpected end of policy');
    return token;
  }

  peek(): JsonToken {
    return this.#tokens[this.#next] as JsonToken;
  }

  fail(message: string, offset: number): never {
    throw new FilterPolicyError(message + locationText(this.#json, offset));
  }

  policy(): FilterNode {
    const first = this.take();
    if (first.kind !== '{') this.fail('Filter is not an object', first.opened);
    return this.#object();
  }

  #object(): FilterNode {
    const fields: [string, FilterNode | readonly FilterCondition[]][] = [];
    const alternatives: FilterNode[] = [];
    for (let token = this.take(); token.kind !== '}'; token = this.take()) {
      const name = token.text;
      const value = this.take();
      if (name === '$or' && value.kind === '[' && this.peek().kind === '{') {
        while (this.peek().kind === '{') {
          this.take();
          alternatives.push(this.#object());
        }
        const end = this.take();
        if (end.kind !== ']' || alternatives.length < 2) this.fail('Bad $or rule', end.opened);
      } else if (value.kind === '{') fields.push([name, this.#object()]);
      else if (value.kind === '[') fields.push([name, this.#conditions()]);
      else this.fail(`"${name}" must be an object or an array`, value.opened);
    }
    return { fields, alternatives };
  }

  #conditions(): readonly FilterCondition[] {
    const conditions: FilterCondition[] = [];
    for (let token = this.take(); ; token = this.take()) {
      if (token.kind === ']') {
        if (conditions.length === 0) this.fail('Empty arrays are not allowed', token.ended);
        return conditions;
      }
      if (token.kind === '{') conditions.push(this.#expression());
      else if (token.kind === '[') this.fail('Match value must be String, number, true, false, or null', token.ended);
      else conditions.push({ kind: 'equals', value: scalarOf(token) });
    }
  }

  #expression(): FilterCondition {
    const name = this.take();
    if (name.kind === '}') this.fail('Match expression name not found', name.ended);
    const condition = this.#operator(name.text);
    const end = this.take();
    if (end.kind !== '}') this.fail('Only one key allowed in match expression', this.peek().opened);
    return condition;
  }

  #operator(name: string): FilterCondition {
    switch (name) {
      case 'prefix':
      case 'suffix':
      case 'equals-ignore-case':
        return { kind: 'text', operator: name, operand: this.#text(name) };
      case 'cidr': {
        // AWS's own words name the wrong operator here.
        const operand = this.#text('prefix');
        const fault = cidrFault(operand);
        if (fault !== undefined) throw new FilterPolicyError(fault);
        return { kind: 'text', operator: name, operand };
      }
      case 'exists': {
        const token = this.take();
        if (token.text !== 'true' && token.text !== 'false') {
          this.fail('exists match pattern must be either true or false.', token.opened);
        }
        return { kind: 'exists', isThere: token.text === 'true' };
      }
      case 'numeric':
        return this.#numeric();
      case 'anything-but':
        return this.#anythingBut();
      default:
        return this.fail(`Unrecognized match type ${name}`, this.peek().opened);
    }
  }

  #text(operator: string): string {
    const token = this.take();
    if (token.kind !== 'string') this.fail(`${operator} match pattern must be a string`, token.opened);
    return token.text;
  }

  #number(operator: string): number {
    const token = this.take();
    if (token.kind !== 'number') this.fail(`Value of ${operator} must be numeric`, token.opened);
    return Number(token.text);
  }

  #numeric(): FilterCondition {
    const open = this.take();
    if (open.kind !== '[') this.fail('Value of numeric must be an array.', open.opened);
    const first = this.take();
    if (first.kind !== 'string') this.fail(`Invalid member in numeric match: ${first.text}`, first.ended);
    const operator = first.text;
    switch (operator) {
      case '=':
      case '<':
      case '<=': {
        const value = this.#number(operator === '=' ? 'equals' : operator);
        const end = this.take();
        if (end.kind !== ']') this.fail('Too many elements in numeric expression', end.opened);
        return { kind: 'numeric', bounds: [{ operator, value }] };
      }
      case '>':
      case '>=': {
        const lower = { operator, value: this.#number(operator) } as const;
        const second = this.take();
        if (second.kind === ']') return { kind: 'numeric', bounds: [lower] };
        if (second.kind !== 'string') this.fail(`Bad value in numeric range: ${second.text}`, second.ended);
        if (second.text !== '<' && second.text !== '<=') {
          this.fail(`Bad numeric range operator: ${second.text}`, second.ended);
        }
        const upper = { operator: second.text as '<' | '<=', value: this.#number(second.text) };
        const end = this.take();
        if (end.kind !== ']') this.fail('Too many terms in numeric range expression', end.opened);
        if (lower.value >= upper.value) this.fail('Bottom must be less than top', end.ended);
        return { kind: 'numeric', bounds: [lower, upper] };
      }
      default:
        return this.fail(`Unrecognized numeric range operator: ${operator}`, this.peek().opened);
    }
  }

  #anythingBut(): FilterCondition {
    const token = this.take();
    if (token.kind === '{') return this.#anythingButText();
    if (token.kind !== '[') {
      if (token.kind !== 'string' && token.kind !== 'number') {
        this.fail('Value of anything-but must be an array or single string/number value.', token.opened);
      }
      return { kind: 'anything-but', values: [scalarOf(token) as string | number] };
    }
    const values = this.#list((member) => member.kind === 'string' || member.kind === 'number', 'number or string');
    return { kind: 'anything-but', values };
  }

  #anythingButText(): FilterCondition {
    const operator = this.take().text;
    if (
      operator !== 'prefix' &&
      operator !== 'suffix' &&
      operator !== 'wildcard' &&
      operator !== 'equals-ignore-case'
    ) {
      this.fail(`Unsupported anything-but pattern: ${operator}`, this.peek().opened);
    }
    let operands: readonly string[];
    if (this.peek().kind === '[') {
      this.take();
      operands = this.#list((member) => member.kind === 'string', 'string') as readonly string[];
    } else {
      operands = [this.#text(operator)];
    }
    if (operands.includes('')) this.fail(`Null ${operator} not allowed`, this.peek().opened);
    const end = this.take();
    if (end.kind !== '}') this.fail('Only one key allowed in match expression', this.peek().opened);
    return { kind: 'anything-but-text', operator: operator as TextOperator, operands };
  }

  #list(isAllowed: (token: JsonToken) => boolean, allowed: string): readonly (string | number)[] {
    const values: (string | number)[] = [];
    for (let token = this.take(); ; token = this.take()) {
      if (token.kind === ']') {
        if (values.length === 0) this.fail('Empty arrays are not allowed', token.ended);
        return values;
      }
      if (!isAllowed(token)) {
        this.fail(`Inside anything but list, start|null|number is not ${allowed}`, token.opened);
      }
      values.push(scalarOf(token) as string | number);
    }
  }
}

const scalarOf = (token: JsonToken): string | number | boolean | null =>
  token.kind === 'string'
    ? token.text
    : token.kind === 'number'
      ? Number(token.text)
      : token.text === 'null'
        ? null
        : token.text === 'true';

/** How many combinations of values a policy stands for: alternatives add up, everything else multiplies, by depth. */
const combinations = (node: FilterNode, depth = 1): number => {
  const own = node.fields.reduce(
    (product, [, test]) => product * (isLeaf(test) ? test.length * depth : combinations(test, depth + 1)),
    1,
  );
  const alternatives = node.alternatives.reduce((sum, alternative) => sum + combinations(alternative, depth), 0);
  return node.alternatives.length === 0 ? own : own * alternatives;
};

const keysOf = (node: FilterNode): readonly string[] => [
  ...node.fields.map(([name]) => name),
  ...node.alternatives.flatMap(keysOf),
];

/**
 * Reads a subscription filter policy.
 *
 * @throws FilterPolicyError in AWS's words
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export const readFilterPolicy = (json: string): FilterNode => {
  try {
    JSON.parse(json);
  } catch {
    throw new FilterPolicyError(parseFailureText(json));
  }
  // AWS reads it without its blanks: that is what its texts show, and where their columns are.
  const policy = new PolicyReader(json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')).policy();
  if (new Set(keysOf(policy)).size > KEYS_MAX) {
    throw new FilterPolicyError(`Filter policy can not have more than ${KEYS_MAX} keys`);
  }
  if (combinations(policy) > COMBINATIONS_MAX) throw new FilterPolicyError('Filter policy is too complex');
  return policy;
};

/** Whether a policy looks inside values, which attributes do not have. */
export const isNested = (node: FilterNode): boolean =>
  node.fields.some(([, test]) => !isLeaf(test)) || node.alternatives.some(isNested);
