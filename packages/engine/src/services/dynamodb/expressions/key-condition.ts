import type { AttributeValue } from '../attribute-value.ts';
import { invalid, invalidValue } from '../errors.ts';
import type { KeyAttribute, KeySchema, SortCondition } from '../key-schema.ts';
import type { BoundCondition } from './bound.ts';
import { invalidExpression } from './syntax.ts';

/** What a query asks for: one partition, and possibly a range of its sort keys. */
export interface KeyCondition {
  readonly partitionValue: AttributeValue;
  readonly sort: SortCondition | undefined;
}

const refused = (problem: string): Error => invalidExpression('KeyConditionExpression', problem);

const MIRRORED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

type KeyConditions = Map<string, SortCondition>;

const unsupported = (operator: string): Error =>
  invalid(`Invalid operator used in KeyConditionExpression: ${operator}`);

const readCondition = (condition: BoundCondition, found: KeyConditions): void => {
  if (condition.kind === 'and' || condition.kind === 'or') {
    if (condition.kind === 'or') throw unsupported('OR');
    readCondition(condition.left, found);
    readCondition(condition.right, found);
    return;
  }
  if (condition.kind === 'not' || condition.kind === 'in') throw unsupported(condition.kind.toUpperCase());
  if (condition.kind === 'compare' && condition.operator === '<>') throw unsupported('<>');
  if (condition.kind === 'call' && condition.name !== 'begins_with') throw unsupported(condition.name);
  readKey(condition, found);
};

type KeyedCondition = Extract<BoundCondition, { kind: 'compare' } | { kind: 'between' } | { kind: 'call' }>;

const readKey = (condition: KeyedCondition, found: KeyConditions): void => {
  const { operands } = condition;
  if (operands.some((operand) => operand.kind === 'size')) {
    throw invalid('KeyConditionExpressions cannot contain nested operations');
  }
  if (condition.kind !== 'compare' && operands[0]?.kind !== 'path') {
    const name = condition.kind === 'between' ? 'BETWEEN' : 'begins_with';
    throw invalid(
      `Invalid condition in KeyConditionExpression: ${name} operator must have the key attribute as its first operand`,
    );
  }
  const paths = operands.flatMap((operand) => (operand.kind === 'path' ? [operand.path] : []));
  if (paths.length > 1) {
    throw invalid('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition');
  }
  const [path] = paths;
  if (path === undefined) throw invalid('Invalid condition in KeyConditionExpression: No key attribute specified');
  if (path.length > 1) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  const name = path[0] as string;
  if (found.has(name)) throw invalid('KeyConditionExpressions must only contain one condition per key');
  const values = operands.flatMap((operand) => (operand.kind === 'value' ? [operand.value] : []));
  found.set(name, { operator: sortOperator(condition), operands: values });
};

const sortOperator = (condition: KeyedCondition): SortCondition['operator'] => {
  if (condition.kind === 'between') return 'BETWEEN';
  if (condition.kind !== 'compare') return 'begins_with';
  const operator = condition.operator as keyof typeof MIRRORED;
  return condition.operands[0]?.kind === 'path' ? operator : MIRRORED[operator];
};

const checkTypes = ({ operands }: SortCondition, attribute: KeyAttribute): void => {
  for (const operand of operands) {
    if (operand[attribute.type] === undefined) {
      throw invalidValue('Condition parameter type does not match schema type');
    }
    const isEmpty = attribute.type !== 'N' && (operand.S?.length ?? operand.B?.byteLength) === 0;
    if (isEmpty) {
      throw invalid(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
          `${attribute.type === 'S' ? 'string' : 'binary'} value. Key: ${attribute.name}`,
      );
    }
  }
};

/** Reads a bound key condition against the key schema of the table or index. */
export const readKeyCondition = (condition: BoundCondition, schema: KeySchema): KeyCondition => {
  const found: KeyConditions = new Map();
  readCondition(condition, found);
  if (found.size > 2) throw refused('Conditions can be of length 1 or 2 only');
  const { partition, sort } = schema;
  const partitionCondition = found.get(partition.name);
  if (sort === undefined && found.size > 1) throw invalid('Query key condition not supported');
  if (partitionCondition === undefined) {
    throw invalid(`Query condition missed key schema element: ${partition.name}`);
  }
  checkTypes(partitionCondition, partition);
  if (partitionCondition.operator !== '=') throw invalid('Query key condition not supported');
  const partitionValue = partitionCondition.operands[0] as AttributeValue;
  if (sort === undefined || found.size === 1) return { partitionValue, sort: undefined };
  const sortCondition = found.get(sort.name);
  if (sortCondition === undefined) throw invalid(`Query condition missed key schema element: ${sort.name}`);
  checkTypes(sortCondition, sort);
  return { partitionValue, sort: sortCondition };
};
