import { isReservedWord } from './reserved-words.ts';
import {
  type Comparator,
  type Condition,
  type ExpressionKind,
  invalidExpression,
  type Operand,
  Reader,
  remembering,
} from './syntax.ts';

const KEYWORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'IN', 'BETWEEN']);
const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
const FUNCTIONS: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);

type Node = Condition | Operand;

const isCondition = (node: Node): node is Condition => node.kind !== 'path' && node.kind !== 'value';
const isOperand = (node: Node): node is Operand =>
  node.kind === 'path' || node.kind === 'value' || node.kind === 'call';

/** Reads `or`, `and`, `not`, parentheses and comparisons, loosest binding first. */
class ConditionParser {
  readonly #reader: Reader;
  /** Where the pair of parentheses read last opened and closed. */
  #lastPair: { readonly opened: number; readonly closed: number } | undefined;
  hasRedundantParentheses = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  whole(): Condition {
    const condition = this.#condition(this.#or());
    this.#reader.expectEnd();
    return condition;
  }

  #or(): Node {
    let left = this.#and();
    while (this.#reader.keyword === 'OR') {
      const checked = this.#condition(left);
      this.#reader.advance();
      left = { kind: 'or', left: checked, right: this.#condition(this.#and()) };
    }
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#reader.keyword === 'AND') {
      const checked = this.#condition(left);
      this.#reader.advance();
      left = { kind: 'and', left: checked, right: this.#condition(this.#not()) };
    }
    return left;
  }

  #not(): Node {
    if (this.#reader.takes('NOT')) return { kind: 'not', condition: this.#condition(this.#not()) };
    return this.#comparison();
  }

  #comparison(): Node {
    const left = this.#primary();
    const { keyword } = this.#reader;
    if (COMPARATORS.has(keyword)) {
      const operand = this.#operand(left);
      this.#reader.advance();
      return { kind: 'compare', operator: keyword as Comparator, operands: [operand, this.#operand(this.#primary())] };
    }
    if (keyword === 'BETWEEN') {
      const operand = this.#operand(left);
      this.#reader.advance();
      const low = this.#operand(this.#primary());
      this.#reader.expect('AND');
      return { kind: 'between', operands: [operand, low, this.#operand(this.#primary())] };
    }
    if (keyword === 'IN') {
      const operand = this.#operand(left);
      this.#reader.advance();
      return { kind: 'in', operands: [operand, ...this.#reader.operandList(KEYWORDS)] };
    }
    return left;
  }

  #primary(): Node {
    const reader = this.#reader;
    if (reader.keyword !== '(') return reader.operand(KEYWORDS);
    const opened = reader.position;
    reader.advance();
    const inner = this.#or();
    if (this.#lastPair?.opened === opened + 1 && this.#lastPair.closed === reader.position - 1) {
      this.hasRedundantParentheses = true;
    }
    this.#lastPair = { opened, closed: reader.position };
    reader.expect(')');
    return inner;
  }

  #condition(node: Node): Condition {
    if (!isCondition(node)) throw this.#reader.syntaxError();
    return node;
  }

  #operand(node: Node): Operand {
    if (!isOperand(node)) throw this.#reader.syntaxError();
    return node;
  }
}

/** Calls `visit` with every operand, also those within function calls. */
const eachOperand = (condition: Condition, visit: (operand: Operand) => void): void => {
  const down = (operand: Operand): void => {
    visit(operand);
    if (operand.kind === 'call') operand.operands.forEach(down);
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      eachOperand(condition.left, visit);
      eachOperand(condition.right, visit);
      return;
    case 'not':
      eachOperand(condition.condition, visit);
      return;
    default:
      condition.operands.forEach(down);
  }
};

const eachCall = (condition: Condition, visit: (name: string, isWholeCondition: boolean) => void): void => {
  if (condition.kind === 'and' || condition.kind === 'or') {
    eachCall(condition.left, visit);
    eachCall(condition.right, visit);
    return;
  }
  if (condition.kind === 'not') {
    eachCall(condition.condition, visit);
    return;
  }
  if (condition.kind === 'call') visit(condition.name, true);
  eachOperand(condition, (operand) => {
    if (operand.kind === 'call') visit(operand.name, false);
  });
};

const checkStatic = (kind: ExpressionKind, condition: Condition): void => {
  eachCall(condition, (name) => {
    if (!FUNCTIONS.has(name)) throw invalidExpression(kind, `Invalid function name; function: ${name}`);
  });
  eachCall(condition, (name, isWholeCondition) => {
    if ((name === 'size') === isWholeCondition) {
      throw invalidExpression(
        kind,
        `The function is not allowed to be used this way in an expression; function: ${name}`,
      );
    }
  });
  eachOperand(condition, (operand) => {
    if (operand.kind !== 'path') return;
    const reserved = operand.path.find((element) => typeof element === 'string' && isReservedWord(element));
    if (reserved !== undefined) {
      throw invalidExpression(kind, `Attribute name is a reserved keyword; reserved keyword: ${reserved}`);
    }
  });
};

/** Parses a condition, filter or key condition and checks all that can be said without names and values. */
export const parseCondition = remembering((kind, text): Condition => {
  const parser = new ConditionParser(new Reader(kind, text));
  const condition = parser.whole();
  if (parser.hasRedundantParentheses) {
    throw invalidExpression(kind, 'The expression has redundant parentheses;');
  }
  checkStatic(kind, condition);
  return condition;
});
