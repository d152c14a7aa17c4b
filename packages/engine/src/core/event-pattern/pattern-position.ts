import { type JsonToken, locationText, tokenize } from './json-tokens.ts';
import { EventPatternError } from './pattern-error.ts';
import { compileAlternative } from './pattern-operators.ts';

/** A value of a pattern with the offsets behind it: when a streaming parser reports it, and when it is over. */
interface Placed {
  readonly opened: number;
  readonly ended: number;
  /** A text is read only where its content is looked at. */
  readonly value: unknown;
  readonly elements?: readonly Placed[];
  readonly members?: readonly (readonly [key: string, value: Placed])[];
}

const placed = (tokens: readonly JsonToken[], from: { index: number }): Placed => {
  const token = tokens[from.index++] as JsonToken;
  const { opened } = token;
  const until = (close: string): boolean => tokens[from.index]?.kind !== close;
  if (token.kind === '[') {
    const elements: Placed[] = [];
    while (until(']')) elements.push(placed(tokens, from));
    const { ended } = tokens[from.index++] as JsonToken;
    return { opened, ended, value: elements.map(({ value }) => value), elements };
  }
  if (token.kind === '{') {
    const members: [string, Placed][] = [];
    while (until('}')) members.push([(tokens[from.index++] as JsonToken).text, placed(tokens, from)]);
    const { ended } = tokens[from.index++] as JsonToken;
    const value = Object.fromEntries(members.map(([key, member]) => [key, member.value]));
    return { opened, ended, value, members };
  }
  return { opened, ended: token.ended, value: token.kind === 'string' ? token.text : JSON.parse(token.text) };
};

const failure = (element: unknown): string | undefined => {
  try {
    compileAlternative(element as never);
    return undefined;
  } catch (error) {
    return error instanceof EventPatternError ? error.message : undefined;
  }
};

const OPERATORS: ReadonlySet<string> = new Set(['>', '>=', '<', '<=', '=']);

/** The operand of `numeric` that is wrong: an operator is read, a value only looked at. */
const inNumeric = ({ opened, ended, elements }: Placed, reason: string): number | undefined => {
  if (elements === undefined) return opened;
  if (reason.startsWith('Bad numeric range operator')) return elements[2]?.ended;
  if (!reason.endsWith('must be numeric')) return undefined;
  for (let index = 0; index < elements.length; index += 2) {
    const next = elements[index + 1];
    if (!OPERATORS.has(String(elements[index]?.value))) return undefined;
    if (next === undefined) return ended;
    if (typeof next.value !== 'number') return next.opened;
  }
  return undefined;
};

/** Offset behind what the parser had taken of an operator's operand; `undefined` where AWS tells none. */
const inOperand = (element: Placed, reason: string): number | undefined => {
  const [member, another] = element.members ?? [];
  if (member === undefined || another !== undefined) return element.opened;
  const [name, operand] = member;
  if (reason.startsWith('Unrecognized match type')) return operand.opened;
  if (name === 'numeric') return inNumeric(operand, reason);
  if (typeof operand.value !== 'string') return operand.opened;
  return reason.startsWith('Consecutive wildcard') ? operand.ended : undefined;
};

/** The one value of `anything-but`, or of the operator in it, that is wrong alone; a list around it tells its place again. */
const inAnythingBut = (operand: Placed): readonly number[] => {
  const [name, inner] = operand.members?.[0] ?? [undefined, operand];
  const isWrong = ({ value }: Placed): boolean =>
    failure({ 'anything-but': name === undefined ? value : { [name]: value } }) !== undefined;
  const wrong = inner.elements === undefined ? inner : inner.elements.find(isWrong);
  if (wrong === undefined) return [];
  // A text is wrong by its content, and has been read by then.
  const offset = typeof wrong.value === 'string' ? wrong.ended : wrong.opened;
  return inner.elements === undefined ? [offset] : [offset, offset];
};

const inAlternative = (element: Placed, reason: string): readonly number[] => {
  const [member, another] = element.members ?? [];
  if (member?.[0] === 'anything-but' && another === undefined) return inAnythingBut(member[1]);
  const offset = inOperand(element, reason);
  return offset === undefined ? [] : [offset];
};

/** `undefined` when all fields are in order. */
const inFields = ({ members = [] }: Placed, reason: string): readonly number[] | undefined => {
  for (const [, { value, opened, ended, elements, members: fields }] of members) {
    if (elements !== undefined) {
      if (elements.length === 0) return [ended];
      const wrong = elements.find((element) => failure(element.value) === reason);
      if (wrong !== undefined) return inAlternative(wrong, reason);
    } else if (fields === undefined) {
      return [opened];
    } else {
      const found = fields.length === 0 ? [ended] : inFields({ value, opened, ended, members: fields }, reason);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

/** Where in the text of a pattern this reason to refuse it lies, as AWS appends it; nothing where it does not say. */
export const placeOf = (source: string, reason: string): string => {
  const offsets = inFields(placed(tokenize(source), { index: 0 }), reason) ?? [];
  return offsets.map((offset) => locationText(source, offset)).join('');
};
