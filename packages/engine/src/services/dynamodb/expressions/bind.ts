import { type AttributeValue, takeValue, typeOf } from '../attribute-value.ts';
import { InvalidExpressionValue, invalid } from '../errors.ts';
import type { BoundAction, BoundAssigned, BoundCondition, BoundOperand, ExpressionParameters, Path } from './bound.ts';
import {
  checkBetween,
  checkCall,
  checkComparison,
  checkCount,
  checkDisjoint,
  needsPath,
  requireLiteralType,
  TYPE_NAMES,
  wrongOperandType,
} from './operand-checks.ts';
import { parseCondition } from './parse-condition.ts';
import { parseProjection, parseUpdate } from './parse-update.ts';
import {
  type Assigned,
  type Condition,
  type ExpressionKind,
  invalidExpression,
  type Operand,
  type WrittenPath,
} from './syntax.ts';

const NAME_KEY = /^#[0-9a-zA-Z_]+$/;
const VALUE_KEY = /^:[0-9a-zA-Z_]+$/;

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
