import { ServiceError } from '@holdfast/engine';
import { membersOf, parseTimestamp, type Shape, timestampFormatOf, timestampText } from '../codec/shape.ts';

/** Where an HTTP request or answer keeps the members of a shape. */
export interface HttpBindings {
  readonly headers: readonly TextBinding[];
  readonly queries: readonly TextBinding[];
  readonly labels: readonly TextBinding[];
  readonly prefixHeaders: { readonly name: string; readonly prefix: string } | undefined;
  readonly payload: { readonly name: string; readonly shape: Shape } | undefined;
  readonly statusCode: string | undefined;
  /** Members that are left for the document in the body. */
  readonly isInBody: (member: Shape) => boolean;
  readonly hasBody: boolean;
}

export interface TextBinding {
  readonly name: string;
  readonly wireName: string;
  readonly read: (texts: readonly string[]) => unknown;
  readonly write: (value: unknown) => string | undefined;
}

/** How a protocol refuses a text that its member cannot hold. */
export type RefuseText = (member: string, wireName: string, text: string, wanted: string) => ServiceError;

const refuseInWords: RefuseText = (member, _wireName, text, wanted) =>
  new ServiceError('SerializationException', `${JSON.stringify(text)} can not be converted to ${wanted}: ${member}`);

export const httpBindingsOf = (shape: Shape, refuse: RefuseText = refuseInWords): HttpBindings => {
  const members = membersOf(shape);
  const bound = (trait: 'httpHeader' | 'httpQuery' | 'httpLabel'): TextBinding[] =>
    members
      .filter(([, member]) => member.getMergedTraits()[trait] !== undefined)
      .map(([name, member]) => ({
        name,
        wireName: trait === 'httpLabel' ? name : String(member.getMergedTraits()[trait]),
        read: textReaderOf(
          member,
          (text, wanted) => refuse(name, String(member.getMergedTraits()[trait]), text, wanted),
          trait === 'httpHeader',
        ),
        write: textWriterOf(member),
      }));
  const memberWith = (trait: 'httpPrefixHeaders' | 'httpPayload' | 'httpResponseCode'): [string, Shape] | undefined =>
    members.find(([, member]) => member.getMergedTraits()[trait] !== undefined);
  const prefixed = memberWith('httpPrefixHeaders');
  const payload = memberWith('httpPayload');
  return {
    headers: bound('httpHeader').map((binding) => ({ ...binding, wireName: binding.wireName.toLowerCase() })),
    queries: bound('httpQuery'),
    labels: bound('httpLabel'),
    prefixHeaders:
      prefixed === undefined
        ? undefined
        : { name: prefixed[0], prefix: String(prefixed[1].getMergedTraits().httpPrefixHeaders).toLowerCase() },
    payload: payload === undefined ? undefined : { name: payload[0], shape: payload[1] },
    statusCode: memberWith('httpResponseCode')?.[0],
    isInBody,
    hasBody: payload === undefined && members.some(([, member]) => isInBody(member)),
  };
};

const isInBody = (member: Shape): boolean => {
  const traits = member.getMergedTraits();
  return (
    traits.httpHeader === undefined &&
    traits.httpQuery === undefined &&
    !traits.httpLabel &&
    traits.httpPrefixHeaders === undefined &&
    !traits.httpPayload &&
    !traits.httpResponseCode
  );
};

type Refuse = (text: string, wanted: string) => ServiceError;

const textReaderOf = (shape: Shape, refuse: Refuse, isHeader: boolean): TextBinding['read'] => {
  if (shape.isListSchema()) {
    const item = textReaderOf(shape.getValueSchema() as Shape, refuse, isHeader);
    // Only http dates hold commas, and no model lists them in a header.
    const split = (text: string): string[] => text.split(',').map((part) => part.trim());
    return (texts) => (isHeader ? texts.flatMap(split) : texts).map((text) => item([text]));
  }
  const read = leafReaderOf(shape, refuse);
  return (texts) => read(texts[0] ?? '');
};

const leafReaderOf = (shape: Shape, refuse: Refuse): ((text: string) => unknown) => {
  if (shape.isNumericSchema()) {
    return (text) => {
      const value = Number(text);
      // No model binds a number that is none of the integers.
      if (!/^[+-]?\d{1,19}$/.test(text.trim())) throw refuse(text, 'an Integer');
      return value;
    };
  }
  if (shape.isBooleanSchema()) return (text) => text.toLowerCase() === 'true';
  if (shape.isTimestampSchema()) {
    return (text) => {
      const date = parseTimestamp(text);
      if (date === undefined) throw refuse(text, 'a Timestamp');
      return date;
    };
  }
  if (shape.isBlobSchema()) return (text) => Buffer.from(text, 'base64');
  return (text) => text;
};

const textWriterOf = (shape: Shape): TextBinding['write'] => {
  if (shape.isListSchema()) {
    const item = textWriterOf(shape.getValueSchema() as Shape);
    return (value) => (Array.isArray(value) && value.length > 0 ? value.map(item).join(', ') : undefined);
  }
  if (shape.isTimestampSchema()) {
    const format = timestampFormatOf(shape, 'http-date');
    return (value) => (value instanceof Date ? timestampText(value, format) : String(value));
  }
  return (value) => (value === undefined || value === null ? undefined : headerText(String(value)));
};

/** Header values are ASCII; S3 sends other metadata as RFC 2047 encoded words. */
export const headerText = (text: string): string =>
  /^[\t\u0020-\u007e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
