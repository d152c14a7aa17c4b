import { matchesWildcard } from '../../core/index.ts';
import { isInCidr } from './cidr.ts';
import type { FilterCondition, FilterNode, FilterScope, NumericBound, TextOperator } from './filter-policy.ts';
import type { PublishedMessage, StoredAttribute } from './stored.ts';

/** A value as conditions see it; `undefined` when nothing is there. */
type Candidate = string | number | boolean | null;

const matchesText = (operator: TextOperator, operand: string, text: string): boolean => {
  switch (operator) {
    case 'prefix':
      return text.startsWith(operand);
    case 'suffix':
      return text.endsWith(operand);
    case 'equals-ignore-case':
      return text.toLowerCase() === operand.toLowerCase();
    case 'wildcard':
      // A question mark is no wildcard here.
      return operand.split('?').length === 1
        ? matchesWildcard(operand, text)
        : matchesWildcard(operand.replaceAll('?', '\u0000'), text.replaceAll('?', '\u0000'));
    case 'cidr':
      return isInCidr(text, operand);
  }
};

const withinBound = ({ operator, value }: NumericBound, candidate: number): boolean => {
  switch (operator) {
    case '=':
      return candidate === value;
    case '<':
      return candidate < value;
    case '<=':
      return candidate <= value;
    case '>':
      return candidate > value;
    case '>=':
      return candidate >= value;
  }
};

const matchesOne = (condition: FilterCondition, candidate: Candidate): boolean => {
  switch (condition.kind) {
    case 'equals':
      return condition.value === candidate;
    case 'text':
      return typeof candidate === 'string' && matchesText(condition.operator, condition.operand, candidate);
    case 'anything-but':
      return !condition.values.includes(candidate as string | number);
    case 'anything-but-text':
      return (
        typeof candidate !== 'string' ||
        !condition.operands.some((operand) => matchesText(condition.operator, operand, candidate))
      );
    case 'numeric':
      return typeof candidate === 'number' && condition.bounds.every((bound) => withinBound(bound, candidate));
    case 'exists':
      return condition.isThere;
  }
};

/** Any condition, against any of the values (several when the value is a list). */
const matchesAny = (conditions: readonly FilterCondition[], candidates: readonly Candidate[]): boolean =>
  conditions.some((condition) =>
    candidates.length === 0
      ? condition.kind === 'exists' && !condition.isThere
      : candidates.some((candidate) => matchesOne(condition, candidate)),
  );

const candidatesOf = (value: unknown): readonly Candidate[] => {
  if (Array.isArray(value)) return value.flatMap(candidatesOf);
  if (value === undefined || (typeof value === 'object' && value !== null)) return [];
  return [value as Candidate];
};

/** What a message attribute offers to conditions. Binary attributes are not looked at. */
const attributeCandidates = (attribute: StoredAttribute | undefined): readonly Candidate[] => {
  if (attribute === undefined || attribute.type.startsWith('Binary')) return [];
  if (attribute.type === 'Number' || attribute.type.startsWith('Number.')) return [Number(attribute.value)];
  if (attribute.type !== 'String.Array') return [attribute.value];
  try {
    return candidatesOf(JSON.parse(attribute.value));
  } catch {
    return [attribute.value];
  }
};

const matchesAttributes = (node: FilterNode, attributes: Readonly<Record<string, StoredAttribute>>): boolean =>
  node.fields.every(([name, test]) =>
    matchesAny(
      test as readonly FilterCondition[],
      attributeCandidates(Object.hasOwn(attributes, name) ? attributes[name] : undefined),
    ),
  ) &&
  (node.alternatives.length === 0 || node.alternatives.some((one) => matchesAttributes(one, attributes)));

/**
 * What a name of a policy leads to. Its periods may stand in the names of members, or between a member and one inside
 * it, in lists too.
 */
const reached = (value: unknown, name: string): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap((element) => reached(element, name));
  if (typeof value !== 'object' || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  const found = Object.hasOwn(members, name) ? [members[name]] : [];
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const head = name.slice(0, dot);
    if (Object.hasOwn(members, head)) found.push(...reached(members[head], name.slice(dot + 1)));
  }
  return found;
};

const matchesBody = (node: FilterNode, value: unknown): boolean => {
  if (Array.isArray(value)) return value.some((element) => matchesBody(node, element));
  return (
    node.fields.every(([name, test]) => {
      const found = reached(value, name);
      if (Array.isArray(test)) return matchesAny(test as readonly FilterCondition[], found.flatMap(candidatesOf));
      return (found.length === 0 ? [undefined] : found).some((one) => matchesBody(test as FilterNode, one));
    }) &&
    (node.alternatives.length === 0 || node.alternatives.some((one) => matchesBody(one, value)))
  );
};

/** Whether a subscription's policy lets a message through. A body that is no JSON object passes no body policy. */
export const passesFilter = (policy: FilterNode, scope: FilterScope, message: PublishedMessage): boolean => {
  if (scope === 'MessageAttributes') return matchesAttributes(policy, message.attributes);
  let body: unknown;
  try {
    body = JSON.parse(message.message);
  } catch {
    return false;
  }
  return typeof body === 'object' && body !== null && !Array.isArray(body) && matchesBody(policy, body);
};
