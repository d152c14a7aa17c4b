import { ServiceError } from '@holdfast/engine';
import { setMember } from '@holdfast/kernel';
import { checkedNumber, checkedTimestamp } from './reader.ts';
import { identityOf, membersOf, parseTimestamp, type Shape } from './shape.ts';

/** Parameters `A.B.1=x` as a tree. A node has a text, or children, or (an empty list) the text ''. */
export interface QueryNode {
  text: string | undefined;
  readonly children: Map<string, QueryNode>;
}

const emptyNode = (): QueryNode => ({ text: undefined, children: new Map() });

/** Longest nesting taken from a parameter name; no AWS shape comes near it. */
const DEPTH_MAX = 64;

export const queryTreeOf = (parameters: Iterable<[string, string]>): QueryNode => {
  const root = emptyNode();
  for (const [name, text] of parameters) {
    let node = root;
    for (const part of name.split('.', DEPTH_MAX)) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = emptyNode();
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = text;
  }
  return root;
};

export type QueryReader = (node: QueryNode, member: string) => unknown;

const malformed = (member: string, text: string | undefined, wanted: string): ServiceError =>
  new ServiceError(
    'InvalidParameterValueException',
    `Value ${text ?? ''} for parameter ${member} is invalid. Reason: Must be ${wanted}.`,
  );

/** In the words of this protocol. */
const checked = <Value>(check: () => Value, member: string, text: string | undefined, wanted: string): Value => {
  try {
    return check();
  } catch {
    throw malformed(member, text, wanted);
  }
};

const numbered = (node: QueryNode): QueryNode[] =>
  [...node.children]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);

/**
 * Compiles shapes into readers of the Query protocol's parameter tree.
 *
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#query-key-resolution
 */
export class QueryReaderCompiler {
  readonly #structures = new Map<unknown, QueryReader>();

  compile(shape: Shape): QueryReader {
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return this.#list(shape);
    if (shape.isMapSchema()) return this.#map(shape);
    if (shape.isBlobSchema()) return (node) => Buffer.from(node.text ?? '', 'base64');
    if (shape.isTimestampSchema()) {
      return (node, member) => {
        const date = parseTimestamp(node.text ?? '');
        return checked(() => checkedTimestamp(date, node.text, member), member, node.text, 'a timestamp');
      };
    }
    if (shape.isNumericSchema()) {
      return (node, member) => {
        const value = node.text === undefined || node.text.trim() === '' ? Number.NaN : Number(node.text);
        if (Number.isNaN(value) && node.text !== 'NaN') throw malformed(member, node.text, 'a number');
        return checked(() => checkedNumber(value, node.text, member), member, node.text, 'an integer');
      };
    }
    if (shape.isBooleanSchema()) {
      return (node, member) => {
        const text = node.text?.toLowerCase();
        if (text !== 'true' && text !== 'false') throw malformed(member, node.text, 'true or false');
        return text === 'true';
      };
    }
    return (node) => node.text ?? '';
  }

  #structure(shape: Shape): QueryReader {
    const key = identityOf(shape);
    const known = this.#structures.get(key);
    if (known !== undefined) return known;
    const members = new Map<string, { readonly name: string; readonly read: QueryReader }>();
    const reader: QueryReader = (node) => {
      const value: Record<string, unknown> = {};
      for (const [wireName, child] of node.children) {
        const member = members.get(wireName);
        // What the model does not know is kept as text, so that the engine refuses it by name.
        if (member === undefined) setMember(value, wireName, child.text ?? '');
        else value[member.name] = member.read(child, member.name);
      }
      return value;
    };
    this.#structures.set(key, reader);
    const all = membersOf(shape).map(([name, member]) => ({ name, member, read: this.compile(member) }));
    // Two members may share a name on the wire (`AttributeName` of SQS): the one that came first in time is meant.
    for (const { name, member, read } of all) {
      const wireName = member.getMergedTraits().xmlName;
      if (typeof wireName === 'string' && !members.has(wireName)) members.set(wireName, { name, read });
    }
    for (const { name, read } of all) if (!members.has(name)) members.set(name, { name, read });
    return reader;
  }

  #list(shape: Shape): QueryReader {
    const item = shape.getValueSchema() as Shape;
    const readItem = this.compile(item);
    const isFlat = Boolean(shape.getMergedTraits().xmlFlattened);
    const itemName = String(item.getMergedTraits().xmlName ?? 'member');
    return (node, member) => {
      const holder = isFlat ? node : (node.children.get(itemName) ?? node.children.get('member') ?? node);
      // `AttributeName=All`: a single item needs no number. An empty text is an empty list.
      if (holder.text !== undefined && holder.text !== '') return [readItem(holder, member)];
      return numbered(holder).map((child) => readItem(child, member));
    };
  }

  #map(shape: Shape): QueryReader {
    const key = shape.getKeySchema() as Shape;
    const value = shape.getValueSchema() as Shape;
    const readValue = this.compile(value);
    const isFlat = Boolean(shape.getMergedTraits().xmlFlattened);
    const keyName = String(key.getMergedTraits().xmlName ?? 'key');
    const valueName = String(value.getMergedTraits().xmlName ?? 'value');
    return (node, member) => {
      const holder = isFlat ? node : (node.children.get('entry') ?? node);
      // `Attribute.Name=..&Attribute.Value=..`: a single entry needs no number.
      const nodes = holder.children.has(keyName) ? [holder] : numbered(holder);
      const entries = nodes.map((entry): [string, unknown] => [
        entry.children.get(keyName)?.text ?? '',
        readValue(entry.children.get(valueName) ?? emptyNode(), member),
      ]);
      return Object.fromEntries(entries);
    };
  }
}
