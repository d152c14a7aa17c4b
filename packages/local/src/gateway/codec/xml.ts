import { identityOf, membersOf, type Shape, timestampFormatOf, timestampText } from './shape.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become references: S3 sends keys that hold them like this too, although XML 1.0 has no such thing. */
export const escapeXml = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be escaped.
  text.replace(/[&<>"\u0000-\u0008\u000b-\u001f]/g, (char) => ESCAPES[char] ?? `&#${char.charCodeAt(0)};`);

export type XmlWriter = (value: unknown) => string;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/**
 * Compiles shapes into writers of XML text, for answers of the Query and REST-XML protocols.
 *
 * https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings
 */
export class XmlWriterCompiler {
  readonly #structures = new Map<unknown, { readonly content: XmlWriter; readonly attributes: XmlWriter }>();

  /** Members of a structure without the element around them; `only` picks members (a body beside HTTP bindings). */
  content(shape: Shape, only?: (member: Shape) => boolean): XmlWriter {
    return only === undefined ? this.#structure(shape).content : this.#contentOf(shape, only);
  }

  /** The element `name` (or, for a flattened list or map, all elements of that name) for a value. */
  element(shape: Shape, name: string): XmlWriter {
    if (shape.isListSchema()) return this.#list(shape, name);
    if (shape.isMapSchema()) return this.#map(shape, name);
    if (shape.isStructSchema()) {
      const structure = this.#structure(shape);
      const namespace = namespaceOf(shape);
      return (value) => `<${name}${namespace}${structure.attributes(value)}>${structure.content(value)}</${name}>`;
    }
    const text = textWriterOf(shape);
    return (value) => `<${name}>${text(value)}</${name}>`;
  }

  #structure(shape: Shape): { readonly content: XmlWriter; readonly attributes: XmlWriter } {
    const key = identityOf(shape);
    const known = this.#structures.get(key);
    if (known !== undefined) return known;
    let content: XmlWriter = () => '';
    let attributes: XmlWriter = () => '';
    const structure = {
      content: (value: unknown) => content(value),
      attributes: (value: unknown) => attributes(value),
    };
    this.#structures.set(key, structure);
    content = this.#contentOf(shape, () => true);
    attributes = attributesOf(shape);
    return structure;
  }

  #contentOf(shape: Shape, only: (member: Shape) => boolean): XmlWriter {
    const members = membersOf(shape)
      .filter(([, member]) => !member.getMergedTraits().xmlAttribute && only(member))
      .map(([name, member]) => ({ name, write: this.element(member, wireNameOf(member, name)) }));
    return (value) => {
      let xml = '';
      for (const { name, write } of members) {
        const member = (value as Record<string, unknown>)[name];
        if (!isAbsent(member)) xml += write(member);
      }
      return xml;
    };
  }

  #list(shape: Shape, name: string): XmlWriter {
    const item = shape.getValueSchema() as Shape;
    const isFlat = Boolean(shape.getMergedTraits().xmlFlattened);
    const write = this.element(item, isFlat ? name : wireNameOf(item, 'member'));
    const all = (value: unknown): string => {
      let xml = '';
      for (const member of value as readonly unknown[]) if (!isAbsent(member)) xml += write(member);
      return xml;
    };
    return isFlat ? all : (value) => `<${name}>${all(value)}</${name}>`;
  }

  #map(shape: Shape, name: string): XmlWriter {
    const isFlat = Boolean(shape.getMergedTraits().xmlFlattened);
    const entryName = isFlat ? name : 'entry';
    const keyName = wireNameOf(shape.getKeySchema() as Shape, 'key');
    const valueShape = shape.getValueSchema() as Shape;
    const write = this.element(valueShape, wireNameOf(valueShape, 'value'));
    const all = (value: unknown): string => {
      let xml = '';
      for (const [key, member] of Object.entries(value as object)) {
        if (isAbsent(member)) continue;
        xml += `<${entryName}><${keyName}>${escapeXml(key)}</${keyName}>${write(member)}</${entryName}>`;
      }
      return xml;
    };
    return isFlat ? all : (value) => `<${name}>${all(value)}</${name}>`;
  }
}

/** Name of a member's element: of the member's own trait, never of the shape it refers to. */
const wireNameOf = (member: Shape, otherwise: string): string =>
  String((member.getMemberTraits() as { xmlName?: string }).xmlName ?? otherwise);

/** Own trait of the shape, e.g. the prefix `xsi` of a grantee. */
const namespaceOf = (shape: Shape): string => {
  const namespace = shape.getMergedTraits().xmlNamespace as readonly [string, string] | undefined;
  if (namespace === undefined) return '';
  const [prefix, uri] = namespace;
  return ` xmlns${prefix ? `:${prefix}` : ''}="${escapeXml(uri)}"`;
};

const attributesOf = (shape: Shape): XmlWriter => {
  const attributes = membersOf(shape).filter(([, member]) => member.getMergedTraits().xmlAttribute);
  if (attributes.length === 0) return () => '';
  return (value) =>
    attributes
      .map(([name, member]) => {
        const text = (value as Record<string, unknown>)[name];
        return isAbsent(text) ? '' : ` ${wireNameOf(member, name)}="${escapeXml(String(text))}"`;
      })
      .join('');
};

const textWriterOf = (shape: Shape): XmlWriter => {
  if (shape.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString('base64');
  if (shape.isTimestampSchema()) {
    const format = timestampFormatOf(shape, 'date-time');
    return (value) => (value instanceof Date ? timestampText(value, format) : escapeXml(String(value)));
  }
  return (value) => escapeXml(String(value));
};
