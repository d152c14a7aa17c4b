import { PatternSyntaxError, regexMatcher } from './json-condition.ts';
import { likeText } from './text-matcher.ts';

/** Fields of an event by name, with `$` in front; `undefined` when the event does not match. */
export type FieldExtraction = (message: string) => Readonly<Record<string, string>> | undefined;

/** Splits a message into fields: text in quotes or square brackets is one field. */
const fieldsOf = (message: string): string[] =>
  Array.from(
    message.matchAll(/"([^"]*)"|\[([^\]]*)\]|(\S+)/g),
    ([, quoted, bracketed, plain]) => (quoted ?? bracketed ?? plain) as string,
  );

interface Column {
  readonly name: string;
  readonly holds: (value: string) => boolean;
}

const CONDITION = /^\s*([\w$.-]+)\s*(!=|<=|>=|=|<|>)\s*(?:"([^"]*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))\s*$/;

const compileCondition = (source: string): { name: string; holds: (value: string) => boolean } => {
  const match = CONDITION.exec(source);
  if (match === null) throw new PatternSyntaxError('bad condition');
  const [, name, operator, quoted, regex, word] = match as unknown as [
    string,
    string,
    string,
    string?,
    string?,
    string?,
  ];
  const operand = quoted ?? word ?? '';
  if (operator !== '=' && operator !== '!=') {
    const bound = Number(operand);
    if (operand === '' || Number.isNaN(bound)) throw new PatternSyntaxError(`${operator} needs a number`);
    return {
      name,
      holds: (text) => {
        const value = Number(text);
        if (text === '' || Number.isNaN(value)) return false;
        if (operator === '<') return value < bound;
        if (operator === '<=') return value <= bound;
        return operator === '>' ? value > bound : value >= bound;
      },
    };
  }
  const matches = regex === undefined ? likeText(operand) : regexMatcher(regex);
  const isNumber = quoted === undefined && regex === undefined && operand !== '' && !Number.isNaN(Number(operand));
  const equals = (value: string): boolean =>
    matches(value) || (isNumber && value !== '' && Number(value) === Number(operand));
  return { name, holds: operator === '=' ? equals : (value) => !equals(value) };
};

const compileColumn = (source: string): Column => {
  if (!/[=<>]/.test(source)) return { name: source.trim(), holds: () => true };
  let name: string | undefined;
  const alternatives = source.split('||').map((alternative) =>
    alternative.split('&&').map((part) => {
      const condition = compileCondition(part.replace(/^[\s(]+|[\s)]+$/g, ''));
      if (name !== undefined && name !== condition.name) throw new PatternSyntaxError('one field per column');
      name = condition.name;
      return condition.holds;
    }),
  );
  return { name: name as string, holds: (value) => alternatives.some((all) => all.every((holds) => holds(value))) };
};

/** Splits at commas outside of quotes and regular expressions. */
const columnsOf = (source: string): string[] => {
  const columns = source.match(/(?:"[^"]*"|%(?:[^%\\]|\\.)*%|[^,"%])+/g) ?? [];
  return columns.map((column) => column.trim());
};

/**
 * Compiles the space-delimited form, brackets left out: `ip, user, ..., status = 4*, bytes > 1000`.
 * `...` stands for any number of fields and may appear once.
 */
export const compileSpaceDelimited = (source: string): FieldExtraction => {
  const columns = columnsOf(source);
  const gap = columns.indexOf('...');
  if (columns.indexOf('...', gap + 1) > gap && gap >= 0) throw new PatternSyntaxError('... may appear once');
  const leading = (gap < 0 ? columns : columns.slice(0, gap)).map(compileColumn);
  const trailing = (gap < 0 ? [] : columns.slice(gap + 1)).map(compileColumn);
  return (message) => {
    const fields = fieldsOf(message);
    const needed = leading.length + trailing.length;
    if (gap < 0 ? fields.length !== needed : fields.length < needed) return undefined;
    const extracted: Record<string, string> = {};
    const take = (column: Column, value: string): boolean => {
      if (column.name !== '') extracted[`$${column.name}`] = value;
      return column.holds(value);
    };
    const offset = fields.length - trailing.length;
    if (!leading.every((column, index) => take(column, fields[index] as string))) return undefined;
    if (!trailing.every((column, index) => take(column, fields[offset + index] as string))) return undefined;
    return extracted;
  };
};
