import { base64OfBytes } from '@holdfast/kernel';
import { type AttributeType, type AttributeValue, typeOf } from '../attribute-value.ts';
import type { BoundAssigned, BoundOperand, Path } from './bound.ts';
import { compareScalars } from './compare.ts';
import { type Comparator, type ExpressionKind, invalidExpression } from './syntax.ts';

/** `[a, [0], b]` */
const shownPath = (path: Path): string =>
  `[${path.map((element) => (typeof element === 'number' ? `[${element}]` : element)).join(', ')}]`;

const shownScalar = (value: AttributeValue): string =>
  `AttributeValue: {${typeOf(value)}:${value.S ?? value.N ?? (value.B === undefined ? '' : base64OfBytes(value.B))}}`;

const samePath = (left: Path, right: Path): boolean =>
  left.length === right.length && left.every((element, index) => element === right[index]);

const OPERAND_COUNTS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
  if_not_exists: 2,
  list_append: 2,
};

const ALL_TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'NS', 'M']);
const ORDERED_TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B']);
export const TYPE_NAMES: Partial<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

export const wrongOperandType = (kind: ExpressionKind, name: string, type: string): Error =>
  invalidExpression(
    kind,
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );

export const needsPath = (kind: ExpressionKind, name: string): Error =>
  invalidExpression(kind, `Operator or function requires a document path; operator or function: ${name}`);

export const requireLiteralType = (type: 'N' | 'L', name: string, operands: readonly BoundAssigned[]): void => {
  for (const operand of operands) {
    if (operand.kind !== 'value') continue;
    const actual = typeOf(operand.value);
    if (actual !== type) throw wrongOperandType('UpdateExpression', name, actual);
  }
};

export const checkCount = (kind: ExpressionKind, name: string, count: number): void => {
  if (count === OPERAND_COUNTS[name]) return;
  throw invalidExpression(
    kind,
    `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${count}`,
  );
};

const checkDistinct = (kind: ExpressionKind, name: string, [first, second]: readonly BoundOperand[]): void => {
  if (first?.kind !== 'path' || second?.kind !== 'path' || !samePath(first.path, second.path)) return;
  throw invalidExpression(
    kind,
    'The first operand must be distinct from the remaining operands for this operator or function; ' +
      `operator: ${name}, first operand: ${shownPath(first.path)}`,
  );
};

const literalTypes = (operands: readonly BoundOperand[]): AttributeType[] =>
  operands.flatMap((operand) => (operand.kind === 'value' ? [typeOf(operand.value)] : []));

export const checkComparison = (
  kind: ExpressionKind,
  operator: Comparator,
  operands: readonly BoundOperand[],
): void => {
  checkDistinct(kind, operator, operands);
  if (operator === '=' || operator === '<>') return;
  const wrong = literalTypes(operands).find((type) => !ORDERED_TYPES.has(type));
  if (wrong !== undefined) throw wrongOperandType(kind, operator, wrong);
};

export const checkBetween = (kind: ExpressionKind, operands: readonly BoundOperand[]): void => {
  const wrong = literalTypes(operands).find((type) => !ORDERED_TYPES.has(type));
  if (wrong !== undefined) throw wrongOperandType(kind, 'BETWEEN', wrong);
  const [, low, high] = operands;
  if (low?.kind !== 'value' || high?.kind !== 'value') return;
  const bounds = `lower bound operand: ${shownScalar(low.value)}, ` + `upper bound operand: ${shownScalar(high.value)}`;
  if (typeOf(low.value) !== typeOf(high.value)) {
    throw invalidExpression(kind, `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  }
  if ((compareScalars(low.value, high.value) ?? 0) > 0) {
    throw invalidExpression(
      kind,
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
    );
  }
};

export const checkCall = (kind: ExpressionKind, name: string, operands: readonly BoundOperand[]): void => {
  checkCount(kind, name, operands.length);
  checkDistinct(kind, name, operands);
  const [first, second] = operands as [BoundOperand, BoundOperand];
  if (name.startsWith('attribute_') && first.kind !== 'path') throw needsPath(kind, name);
  if (name === 'begins_with') {
    const wrong = literalTypes(operands).find((type) => type !== 'S' && type !== 'B');
    if (wrong !== undefined) throw wrongOperandType(kind, name, wrong);
  }
  if (name === 'attribute_type') {
    if (second.kind !== 'value') throw wrongOperandType(kind, name, '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
    const type = typeOf(second.value);
    if (type !== 'S') throw wrongOperandType(kind, name, type);
    if (!ALL_TYPES.has(second.value.S as string)) {
      throw invalidExpression(
        kind,
        `Invalid attribute type name found; type: ${second.value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
    }
  }
};

/** Two paths of one expression must lead to different places, and neither into the other. */
export const checkDisjoint = (kind: ExpressionKind, paths: readonly Path[]): void => {
  for (let later = 1; later < paths.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const problem = overlap(paths[earlier] as Path, paths[later] as Path);
      if (problem === undefined) continue;
      throw invalidExpression(
        kind,
        `Two document paths ${problem} with each other; must remove or rewrite one of these paths; ` +
          `path one: ${shownPath(paths[earlier] as Path)}, path two: ${shownPath(paths[later] as Path)}`,
      );
    }
  }
};

const overlap = (one: Path, two: Path): 'overlap' | 'conflict' | undefined => {
  const length = Math.min(one.length, two.length);
  for (let index = 0; index < length; index++) {
    if (typeof one[index] !== typeof two[index]) return 'conflict';
    if (one[index] !== two[index]) return undefined;
  }
  return 'overlap';
};
