import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import type { Document, Node } from 'yaml';
import { validationError } from '../errors.ts';
import { isJson, yaml } from './yaml.ts';

/** Short forms of YAML that are not `Fn::<name>`. */
const TAGS_WITHOUT_PREFIX = new Set(['!Ref', '!Condition']);

const shortForm = (tag: string, argument: Json): JsonObject => {
  const name = tag.slice(1);
  if (TAGS_WITHOUT_PREFIX.has(tag)) return { [name]: argument };
  if (tag === '!GetAtt' && typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return { 'Fn::GetAtt': dot < 0 ? argument : [argument.slice(0, dot), argument.slice(dot + 1)] };
  }
  return { [`Fn::${name}`]: argument };
};

const plain = (node: Node): Json => {
  const { isMap, isScalar, isSeq } = yaml();
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map((pair) => [
        String(isScalar(pair.key) ? pair.key.value : pair.key),
        pair.value === null ? null : jsonOf(pair.value as Node),
      ]),
    );
  }
  if (isSeq(node)) return node.items.map((item) => jsonOf(item as Node));
  if (isScalar(node)) return node.value as Json;
  throw validationError('Template format error: YAML aliases are not allowed in CloudFormation templates');
};

const jsonOf = (node: Node): Json => {
  if (yaml().isAlias(node))
    throw validationError('Template format error: YAML aliases are not allowed in CloudFormation templates');
  const { tag } = node as { tag?: string };
  return tag?.startsWith('!') === true && tag.length > 1 ? shortForm(tag, plain(node)) : plain(node);
};

/**
 * Reads a template from JSON or YAML, short forms such as `!Ref` included.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export const parseTemplate = (body: string): JsonObject => {
  const parsed = readDocument(body);
  if (isDeeperThan(parsed, LEVELS_MAX)) throw tooDeep();
  if (!isObject(parsed)) throw validationError('Template format error: unsupported structure.');
  return parsed;
};

/** Where reading stopped, one behind what could not be read. */
const placeIn = ({ message }: Error): string => {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${Number(column) + 1})`;
};

const readDocument = (body: string): unknown => {
  if (isJson(body)) {
    try {
      return JSON.parse(body);
    } catch (error) {
      throw validationError(`Template format error: JSON not well-formed.${placeIn(error as Error)}`);
    }
  }
  try {
    return readYaml(body);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
};

const QUOTED = { '"': /"(?:[^"\\]|\\[\s\S])*"/y, "'": /'(?:[^']|'')*'/y } as const;

/** The lines in which the text goes on whose quote nothing closes in this line; none when nothing closes it at all. */
const quotedLines = (lines: readonly string[], at: number, quote: keyof typeof QUOTED): readonly number[] => {
  const text = lines.slice(at).join('\n');
  const end = lines[at]?.length ?? 0;
  for (let from = text.indexOf(quote); from >= 0 && from < end; from = text.indexOf(quote, from)) {
    QUOTED[quote].lastIndex = from;
    const [quoted] = QUOTED[quote].exec(text) ?? [];
    if (quoted === undefined) return [];
    const more = quoted.split('\n').length - 1;
    if (more > 0) return Array.from({ length: more }, (_, index) => at + 1 + index);
    from += quoted.length;
  }
  return [];
};

const QUOTES = ['"', "'"] as const;

/** How far above a complaint a quoted text is looked for that goes on there. */
const QUOTED_LINES_MAX = 50;

/** The further lines of the quoted text that a line is part of. */
const openedBefore = (lines: readonly string[], at: number): readonly number[] => {
  // A quote in the line itself may be the one that closes.
  for (let first = at - 1; first >= Math.max(0, at - QUOTED_LINES_MAX); first--) {
    for (const quote of QUOTES) {
      const quoted = quotedLines(lines, first, quote);
      if (quoted.includes(at)) return quoted;
    }
  }
  for (const quote of QUOTES) {
    const quoted = quotedLines(lines, at, quote);
    if (quoted.length > 0) return quoted;
  }
  return [];
};

/**
 * Reads as AWS's own reader does: of a key that stands twice the last counts, and what stands between brackets or quotes
 * may begin anywhere in its line, which the library takes for the end of the block around it.
 */
const parseAsAws = (body: string): Document.Parsed => {
  const lines = body.split('\n');
  const indented = new Set<number>();
  for (;;) {
    const document = yaml().parseDocument(lines.join('\n'), { logLevel: 'silent', uniqueKeys: false });
    const [error] = document.errors;
    const at = (error?.linePos?.[0]?.line ?? 0) - 1;
    const isLoose = error?.code === 'BAD_INDENT' && error.message.startsWith('Flow');
    const loose = isLoose ? [at] : error === undefined ? [] : openedBefore(lines, at);
    const indentable = loose.filter((one) => lines[one] !== undefined && !indented.has(one));
    if (indentable.length === 0) return document;
    for (const one of indentable) {
      indented.add(one);
      lines[one] = `${' '.repeat(LEVELS_MAX)}${lines[one] ?? ''}`;
    }
  }
};

const readYaml = (body: string): unknown => {
  const document = parseAsAws(body);
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const where = at === undefined ? '' : ` (line ${at.line}, column ${at.col})`;
    throw validationError(`Template format error: YAML not well-formed.${where}`);
  }
  return document.contents === null ? undefined : jsonOf(document.contents as Node);
};

/** No template that a person or a tool writes comes near it; everything that reads templates recurses. */
const LEVELS_MAX = 300;

const tooDeep = (): Error => validationError(`Template format error: nested more than ${LEVELS_MAX} levels deep.`);

const isDeeperThan = (value: unknown, levelsMax: number): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levelsMax) return true;
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
  }
  return false;
};
