import { compareBytes, includesBytes, memberOf, utf8Length } from '@holdfast/kernel';
import { type AttributeValue, type Item, typeOf, valuesEqual } from '../attribute-value.ts';
import type { BoundCondition, BoundOperand, Path } from './bound.ts';
import { compareScalars } from './compare.ts';

/** The value at a path, if there is one. */
export const valueAt = (item: Item, path: Path): AttributeValue | undefined => {
  let value = memberOf(item, path[0] as string);
  for (let index = 1; index < path.length && value !== undefined; index++) {
    const element = path[index] as string | number;
    if (typeof element === 'number') value = value.L?.[element];
    else value = value.M === undefined ? undefined : memberOf(value.M, element);
  }
  return value;
};

const sizeOf = (value: AttributeValue): number | undefined => {
  if (value.S !== undefined) return utf8Length(value.S);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length;
};

const resolve = (operand: BoundOperand, item: Item): AttributeValue | undefined => {
  switch (operand.kind) {
    case 'path':
      return valueAt(item, operand.path);
    case 'value':
      return operand.value;
    case 'size': {
      const value = resolve(operand.of, item);
      const size = value === undefined ? undefined : sizeOf(value);
      return size === undefined ? undefined : { N: String(size) };
    }
  }
};

const contains = (whole: AttributeValue, part: AttributeValue): boolean => {
  if (whole.S !== undefined) return part.S !== undefined && whole.S.includes(part.S);
  if (whole.B !== undefined) return part.B !== undefined && includesBytes(whole.B, part.B);
  if (whole.SS !== undefined) return part.S !== undefined && whole.SS.includes(part.S);
  if (whole.NS !== undefined) return part.N !== undefined && whole.NS.includes(part.N);
  if (whole.BS !== undefined) {
    const bytes = part.B;
    return bytes !== undefined && whole.BS.some((element) => compareBytes(element, bytes) === 0);
  }
  return whole.L?.some((element) => valuesEqual(element, part)) ?? false;
};

const beginsWith = (whole: AttributeValue, start: AttributeValue): boolean => {
  if (whole.S !== undefined) return start.S !== undefined && whole.S.startsWith(start.S);
  if (whole.B === undefined || start.B === undefined) return false;
  return compareBytes(whole.B.subarray(0, start.B.byteLength), start.B) === 0;
};

const call = (name: string, operands: readonly BoundOperand[], item: Item): boolean => {
  const first = resolve(operands[0] as BoundOperand, item);
  if (name === 'attribute_not_exists') return first === undefined;
  if (first === undefined) return false;
  if (name === 'attribute_exists') return true;
  const second = resolve(operands[1] as BoundOperand, item);
  if (second === undefined) return false;
  if (name === 'attribute_type') return typeOf(first) === second.S;
  return name === 'contains' ? contains(first, second) : beginsWith(first, second);
};

const compare = (operator: string, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean => {
  if (left === undefined || right === undefined) return operator === '<>' && left !== right;
  if (operator === '=') return valuesEqual(left, right);
  if (operator === '<>') return !valuesEqual(left, right);
  const order = compareScalars(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
};

/** Whether an item meets a condition. An attribute that is missing makes every comparison but `<>` false. */
export const matches = (condition: BoundCondition, item: Item): boolean => {
  switch (condition.kind) {
    case 'and':
      return matches(condition.left, item) && matches(condition.right, item);
    case 'or':
      return matches(condition.left, item) || matches(condition.right, item);
    case 'not':
      return !matches(condition.condition, item);
    case 'call':
      return call(condition.name, condition.operands, item);
    case 'compare': {
      const [left, right] = condition.operands as [BoundOperand, BoundOperand];
      return compare(condition.operator, resolve(left, item), resolve(right, item));
    }
    case 'between': {
      const [value, low, high] = condition.operands.map((operand) => resolve(operand, item));
      return compare('>=', value, low) && compare('<=', value, high);
    }
    case 'in': {
      const [value, ...others] = condition.operands.map((operand) => resolve(operand, item));
      return others.some((other) => compare('=', value, other));
    }
  }
};

/** Calls `visit` with every path in a condition. */
export const eachPath = (condition: BoundCondition, visit: (path: Path) => void): void => {
  const down = (operand: BoundOperand): void => {
    if (operand.kind === 'path') visit(operand.path);
    else if (operand.kind === 'size') down(operand.of);
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      eachPath(condition.left, visit);
      eachPath(condition.right, visit);
      return;
    case 'not':
      eachPath(condition.condition, visit);
      return;
    default:
      condition.operands.forEach(down);
  }
};
