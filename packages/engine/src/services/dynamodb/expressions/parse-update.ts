import { isReservedWord } from './reserved-words.ts';
import {
  type Assigned,
  type ExpressionKind,
  invalidExpression,
  type Operand,
  Reader,
  remembering,
  type UpdateAction,
  type WrittenPath,
} from './syntax.ts';

const SECTIONS: ReadonlySet<string> = new Set(['SET', 'REMOVE', 'ADD', 'DELETE']);
const NO_KEYWORDS: ReadonlySet<string> = new Set();
const FUNCTIONS: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

const parseAssigned = (reader: Reader): Assigned => {
  const whole = reader.keyword === '(' ? parenthesisedSum(reader) : undefined;
  if (whole !== undefined) return whole;
  const left = reader.operand(SECTIONS);
  const operator = reader.token.text;
  if (operator !== '+' && operator !== '-') return { kind: 'operand', operand: left };
  reader.advance();
  return { kind: 'sum', operator, operands: [left, reader.operand(SECTIONS)] };
};

/** `(a + :b)`: reads on past the parenthesis only when the whole value stands in it. */
const parenthesisedSum = (reader: Reader): Assigned | undefined => {
  const probe = reader.fork();
  probe.advance();
  const left = probe.operand(SECTIONS);
  const operator = probe.token.text;
  if (operator !== '+' && operator !== '-') return undefined;
  probe.advance();
  const right = probe.operand(SECTIONS);
  probe.expect(')');
  reader.catchUp(probe);
  return { kind: 'sum', operator, operands: [left, right] };
};

const parseAction = (reader: Reader, section: string): UpdateAction => {
  const path = reader.path(SECTIONS);
  switch (section) {
    case 'SET':
      reader.expect('=');
      return { kind: 'SET', path, assigned: parseAssigned(reader) };
    case 'REMOVE':
      return { kind: 'REMOVE', path };
    default: {
      if (reader.token.type !== 'value') throw reader.syntaxError();
      return { kind: section as 'ADD' | 'DELETE', path, value: reader.advance().text };
    }
  }
};

const operandsOf = (action: UpdateAction): readonly Operand[] => {
  if (action.kind !== 'SET') return [];
  const { assigned } = action;
  const roots = assigned.kind === 'operand' ? [assigned.operand] : assigned.operands;
  const all: Operand[] = [];
  const down = (operand: Operand): void => {
    all.push(operand);
    if (operand.kind === 'call') operand.operands.forEach(down);
  };
  roots.forEach(down);
  return all;
};

const checkStatic = (kind: ExpressionKind, actions: readonly UpdateAction[], sections: readonly string[]): void => {
  for (const action of actions) {
    const paths: WrittenPath[] = [action.path];
    for (const operand of operandsOf(action)) if (operand.kind === 'path') paths.push(operand.path);
    const reserved = paths.flat().find((element) => typeof element === 'string' && isReservedWord(element));
    if (reserved !== undefined) {
      throw invalidExpression(kind, `Attribute name is a reserved keyword; reserved keyword: ${reserved}`);
    }
  }
  for (const operand of actions.flatMap(operandsOf)) {
    if (operand.kind === 'call' && !FUNCTIONS.has(operand.name)) {
      throw invalidExpression(kind, `Invalid function name; function: ${operand.name}`);
    }
  }
  const repeated = sections.find((section, index) => sections.indexOf(section) !== index);
  if (repeated !== undefined) {
    throw invalidExpression(kind, `The "${repeated}" section can only be used once in an update expression;`);
  }
};

/** Parses `SET ... REMOVE ... ADD ... DELETE ...` and checks all that can be said without names and values. */
export const parseUpdate = remembering((kind, text): readonly UpdateAction[] => {
  const reader = new Reader(kind, text);
  const actions: UpdateAction[] = [];
  const sections: string[] = [];
  while (reader.token.type !== 'end') {
    const section = reader.keyword;
    if (!SECTIONS.has(section)) throw reader.syntaxError();
    sections.push(section);
    reader.advance();
    do actions.push(parseAction(reader, section));
    while (reader.takes(','));
  }
  checkStatic(kind, actions, sections);
  return actions;
});

/** Parses `a, b.c[1], #d`. */
export const parseProjection = remembering((kind, text): readonly WrittenPath[] => {
  const reader = new Reader(kind, text);
  const paths: WrittenPath[] = [];
  do paths.push(reader.path(NO_KEYWORDS));
  while (reader.takes(','));
  reader.expectEnd();
  const reserved = paths.flat().find((element) => typeof element === 'string' && isReservedWord(element));
  if (reserved !== undefined) {
    throw invalidExpression(kind, `Attribute name is a reserved keyword; reserved keyword: ${reserved}`);
  }
  return paths;
});
