import type { Json } from '../../../core/index.ts';

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

const includes = (list: Json | undefined, value: Json | undefined): boolean =>
  Array.isArray(list) && list.some((each) => isSame(each, value));

const sizeOf = (value: Json | undefined): number | undefined =>
  typeof value === 'string' || Array.isArray(value) ? value.length : undefined;

/** Whether two values of a filter stand to each other as its operator says; what cannot be compared does not. */
export const compare = (operator: string, a: Json | undefined, b: Json | undefined): boolean => {
  switch (operator) {
    case '==':
      return isSame(a, b);
    case '!=':
      return !isSame(a, b);
    case 'in':
      return includes(b, a);
    case 'nin':
      return !includes(b, a);
    case 'contains':
      return typeof a === 'string' ? typeof b === 'string' && a.includes(b) : includes(a, b);
    case 'size':
      return sizeOf(a) === b;
    case 'empty':
      return (sizeOf(a) === 0) === b;
    case 'subsetof':
      return Array.isArray(a) && a.every((each) => includes(b, each));
    case 'anyof':
      return Array.isArray(a) && a.some((each) => includes(b, each));
    case 'noneof':
      return Array.isArray(a) && !a.some((each) => includes(b, each));
    default:
      return isOrdered(operator, a, b);
  }
};

const isOrdered = (operator: string, a: Json | undefined, b: Json | undefined): boolean => {
  const comparable =
    (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  if (!comparable) return false;
  const [x, y] = [a as number, b as number];
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
};
