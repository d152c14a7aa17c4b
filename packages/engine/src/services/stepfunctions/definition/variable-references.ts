import { setMember } from '@holdfast/kernel';
import type { Json, JsonObject } from '../../../core/index.ts';
import { expressionIn } from '../language/jsonata-expression.ts';
import { innerDefinitionsOf } from './program.ts';

/** Variables that each state uses, by the states' names; states of branches and processors among them. */
export const variableReferences = (definition: string): Record<string, string[]> => {
  const references: Record<string, string[]> = {};
  readLevel(JSON.parse(definition) as JsonObject, references);
  return references;
};

const readLevel = (level: JsonObject, references: Record<string, string[]>): void => {
  for (const [name, state] of Object.entries((level.States ?? {}) as Readonly<Record<string, JsonObject>>)) {
    const found = new Set<string>();
    const { Branches: _branches, ItemProcessor: _processor, Iterator: _iterator, ...fields } = state;
    collect('', fields, found);
    if (found.size > 0) setMember(references, name, [...found].sort());
    for (const inner of innerDefinitionsOf(state)) readLevel(inner, references);
  }
};

/** Members that hold paths; in a template all others hold text, whatever it looks like. */
const HOLDS_PATH = /(?:\.\$|Path|^Variable)$/;

const collect = (name: string, value: Json | undefined, found: Set<string>): void => {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    if (expression !== undefined) collectFromExpression(expression, found);
    else if (HOLDS_PATH.test(name) && /^(?:\$|States\.)/.test(value)) collectFromPath(value, found);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(name, item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [member, held] of Object.entries(value as JsonObject)) collect(member, held, found);
  }
};

/** Functions are called, parameters and local names are bound: neither is a variable of the machine. */
const collectFromExpression = (expression: string, found: Set<string>): void => {
  const source = expression.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\*[\s\S]*?\*\//g, "''");
  const bound = new Set<string>(['states']);
  for (const match of source.matchAll(/\$([A-Za-z_]\w*)\s*:=/g)) bound.add(match[1] as string);
  for (const match of source.matchAll(/function\s*\(([^)]*)\)/g)) {
    for (const parameter of (match[1] as string).matchAll(/\$(\w+)/g)) bound.add(parameter[1] as string);
  }
  for (const match of source.matchAll(/\$([A-Za-z_]\w*)(\s*\()?/g)) {
    if (match[2] === undefined && !bound.has(match[1] as string)) found.add(match[1] as string);
  }
};

const collectFromPath = (text: string, found: Set<string>): void => {
  const source = text.replace(/'(?:\\.|[^'\\])*'/g, "''");
  for (const match of source.matchAll(/(?<!\$)\$([A-Za-z_]\w*)/g)) found.add(match[1] as string);
};
