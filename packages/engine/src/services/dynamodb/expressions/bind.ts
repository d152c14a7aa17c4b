import { base64OfBytes } from '@holdfast/kernel';
import { type AttributeType, type AttributeValue, takeValue, typeOf } from '../attribute-value.ts';
import { InvalidExpressionValue, invalid } from '../errors.ts';
import { compareScalars } from './compare.ts';
import { parseCondition } from './parse-condition.ts';
import { parseProjection, parseUpdate } from './parse-update.ts';
import {
  type Assigned,
  type Comparator,
  type Condition,
  type ExpressionKind,
  invalidExpression,
  type Operand,
  type WrittenPath,
} from './syntax.ts';

/** A place in an item: attribute names and list positions. */
export type Path = readonly (string | number)[];

/** An operand with names and values filled in. */
export type BoundOperand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly of: BoundOperand };

export type BoundCondition =
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'between'; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'in'; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly BoundOperand[] }
  | { readonly kind: 'and'; readonly left: BoundCondition; readonly right: BoundCondition }
  | { readonly kind: 'or'; readonly left: BoundCondition; readonly right: BoundCondition }
  | { readonly kind: 'not'; readonly condition: BoundCondition };

/** What `SET` assigns. */
export type BoundAssigned =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: BoundAssigned }
  | { readonly kind: 'list_append'; readonly left: BoundAssigned; readonly right: BoundAssigned }
  | { readonly kind: '+' | '-'; readonly left: BoundAssigned; readonly right: BoundAssigned };

export type BoundAction =
  | { readonly kind: 'SET'; readonly path: Path; readonly assigned: BoundAssigned }
  | { readonly kind: 'REMOVE'; readonly path: Path }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: Path; readonly value: AttributeValue };

/** The members of a request that expressions refer to. */
export interface ExpressionParameters {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const NAME_KEY = /^#[0-9a-zA-Z_]+$/;
const VALUE_KEY = /^:[0-9a-zA-Z_]+$/;

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
const TYPE_NAMES: Partial<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

/**
 * Fills names and values into the expressions of one request, and keeps account of which were used: DynamoDB
 * refuses leftovers. Bind every expression, then call {@link checkAllUsed}.
 */
export class ExpressionBinder {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values = new Map<string, AttributeValue>();
  readonly #unusedNames = new Set<string>();
  readonly #unusedValues = new Set<string>();

  constructor({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: ExpressionParameters) {
    this.#names = names ?? {};
    if (names !== undefined) this.#takeNames(names);
    if (values !== undefined) this.#takeValues(values);
  }

  #takeNames(names: Readonly<Record<string, string>>): void {
    for (const key of Object.keys(names)) {
      if (!NAME_KEY.test(key)) {
        throw invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
      }
      this.#unusedNames.add(key);
    }
    if (this.#unusedNames.size === 0) throw invalid('ExpressionAttributeNames must not be empty');
  }

  #takeValues(values: Readonly<Record<string, AttributeValue>>): void {
    const keys = Object.keys(values);
    if (keys.length === 0) throw invalid('ExpressionAttributeValues must not be empty');
    for (const key of keys) {
      if (!VALUE_KEY.test(key)) {
        throw invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
      }
    }
    for (const key of keys) {
      try {
        this.#values.set(key, takeValue(values[key] as AttributeValue));
      } catch (error) {
        throw new InvalidExpressionValue((error as Error).message, key);
      }
      this.#unusedValues.add(key);
    }
  }

  condition(kind: ExpressionKind, text: string): BoundCondition {
    return this.#condition(kind, parseCondition(kind, text));
  }

  projection(text: string): readonly Path[] {
    const kind = 'ProjectionExpression';
    const paths = parseProjection(kind, text).map((path) => this.#path(kind, path));
    checkDisjoint(kind, paths);
    return paths;
  }

  update(text: string): readonly BoundAction[] {
    const kind = 'UpdateExpression';
    const actions = parseUpdate(kind, text).map((action): BoundAction => {
      const path = this.#path(kind, action.path);
      switch (action.kind) {
        case 'SET':
          return { kind: 'SET', path, assigned: this.#assigned(action.assigned) };
        case 'REMOVE':
          return { kind: 'REMOVE', path };
        default: {
          const value = this.#value(kind, action.value);
          const type = typeOf(value);
          const shown = TYPE_NAMES[type];
          if (shown !== undefined && !(action.kind === 'ADD' && type === 'N')) {
            throw invalidExpression(
              kind,
              `Incorrect operand type for operator or function; operator: ${action.kind}, operand type: ${shown}`,
            );
          }
          return { kind: action.kind, path, value };
        }
      }
    });
    checkDisjoint(
      kind,
      actions.map((action) => action.path),
    );
    return actions;
  }

  /** @throws ServiceError when a name or value was sent that no expression mentions */
  checkAllUsed(): void {
    if (this.#unusedNames.size > 0) {
      const keys = [...this.#unusedNames].join(', ');
      throw invalid(`Value provided in ExpressionAttributeNames unused in expressions: keys: {${keys}}`);
    }
    if (this.#unusedValues.size > 0) {
      const keys = [...this.#unusedValues].join(', ');
      throw invalid(`Value provided in ExpressionAttributeValues unused in expressions: keys: {${keys}}`);
    }
  }

  #path(kind: ExpressionKind, path: WrittenPath): Path {
    let hasPlaceholder = false;
    for (const element of path) {
      if (typeof element !== 'string' || !element.startsWith('#')) continue;
      hasPlaceholder = true;
      if (!Object.hasOwn(this.#names, element)) {
        throw invalidExpression(
          kind,
          `An expression attribute name used in the document path is not defined; attribute name: ${element}`,
        );
      }
      this.#unusedNames.delete(element);
    }
    if (!hasPlaceholder) return path;
    return path.map((element) =>
      typeof element === 'string' && element.startsWith('#') ? (this.#names[element] as string) : element,
    );
  }

  #value(kind: ExpressionKind, name: string): AttributeValue {
    const value = this.#values.get(name);
    if (value === undefined) {
      throw invalidExpression(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${name}`,
      );
    }
    this.#unusedValues.delete(name);
    return value;
  }

  #operand(kind: ExpressionKind, operand: Operand): BoundOperand {
    switch (operand.kind) {
      case 'path':
        return { kind: 'path', path: this.#path(kind, operand.path) };
      case 'value':
        return { kind: 'value', value: this.#value(kind, operand.name) };
      case 'call': {
        checkCount(kind, operand.name, operand.operands.length);
        const of = this.#operand(kind, operand.operands[0] as Operand);
        const type = of.kind === 'value' ? typeOf(of.value) : of.kind === 'size' ? 'N' : undefined;
        if (type === 'N' || type === 'BOOL' || type === 'NULL') throw wrongOperandType(kind, 'size', type);
        return { kind: 'size', of };
      }
    }
  }

  #condition(kind: ExpressionKind, condition: Condition): BoundCondition {
    switch (condition.kind) {
      case 'and':
      case 'or': {
        const left = this.#condition(kind, condition.left);
        return { kind: condition.kind, left, right: this.#condition(kind, condition.right) };
      }
      case 'not':
        return { kind: 'not', condition: this.#condition(kind, condition.condition) };
      case 'call': {
        const operands = condition.operands.map((operand) => this.#operand(kind, operand));
        checkCall(kind, condition.name, operands);
        return { kind: 'call', name: condition.name, operands };
      }
      case 'compare': {
        const operands = condition.operands.map((operand) => this.#operand(kind, operand));
        checkComparison(kind, condition.operator, operands);
        return { kind: 'compare', operator: condition.operator, operands };
      }
      case 'between': {
        const operands = condition.operands.map((operand) => this.#operand(kind, operand));
        checkBetween(kind, operands);
        return { kind: 'between', operands };
      }
      case 'in':
        return { kind: 'in', operands: condition.operands.map((operand) => this.#operand(kind, operand)) };
    }
  }

  #assigned(assigned: Assigned): BoundAssigned {
    if (assigned.kind === 'operand') return this.#assignedOperand(assigned.operand);
    const [left, right] = assigned.operands.map((operand) => this.#assignedOperand(operand)) as [
      BoundAssigned,
      BoundAssigned,
    ];
    requireLiteralType('N', assigned.operator, [left, right]);
    return { kind: assigned.operator, left, right };
  }

  #assignedOperand(operand: Operand): BoundAssigned {
    const kind = 'UpdateExpression';
    switch (operand.kind) {
      case 'path':
        return { kind: 'path', path: this.#path(kind, operand.path) };
      case 'value':
        return { kind: 'value', value: this.#value(kind, operand.name) };
      case 'call': {
        checkCount(kind, operand.name, operand.operands.length);
        const [left, right] = operand.operands.map((each) => this.#assignedOperand(each)) as [
          BoundAssigned,
          BoundAssigned,
        ];
        if (operand.name === 'list_append') {
          requireLiteralType('L', 'list_append', [left, right]);
          return { kind: 'list_append', left, right };
        }
        if (left.kind !== 'path') throw needsPath(kind, operand.name);
        return { kind: 'if_not_exists', path: left.path, otherwise: right };
      }
    }
  }
}

const wrongOperandType = (kind: ExpressionKind, name: string, type: string): Error =>
  invalidExpression(
    kind,
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );

const needsPath = (kind: ExpressionKind, name: string): Error =>
  invalidExpression(kind, `Operator or function requires a document path; operator or function: ${name}`);

const requireLiteralType = (type: 'N' | 'L', name: string, operands: readonly BoundAssigned[]): void => {
  for (const operand of operands) {
    if (operand.kind !== 'value') continue;
    const actual = typeOf(operand.value);
    if (actual !== type) throw wrongOperandType('UpdateExpression', name, actual);
  }
};

const checkCount = (kind: ExpressionKind, name: string, count: number): void => {
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

const checkComparison = (kind: ExpressionKind, operator: Comparator, operands: readonly BoundOperand[]): void => {
  checkDistinct(kind, operator, operands);
  if (operator === '=' || operator === '<>') return;
  const wrong = literalTypes(operands).find((type) => !ORDERED_TYPES.has(type));
  if (wrong !== undefined) throw wrongOperandType(kind, operator, wrong);
};

const checkBetween = (kind: ExpressionKind, operands: readonly BoundOperand[]): void => {
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

const checkCall = (kind: ExpressionKind, name: string, operands: readonly BoundOperand[]): void => {
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
const checkDisjoint = (kind: ExpressionKind, paths: readonly Path[]): void => {
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
