import { base64OfText, bytesOfBase64, seededRandom, utf8Text } from '@holdfast/kernel';
import type { Json } from '../../../core/index.ts';
import { javaText } from './java-text.ts';
import { HASH_ALGORITHMS, type HashAlgorithm, hashHex, type LanguageTools } from './tools.ts';

type Intrinsic = (values: readonly Json[], tools: LanguageTools) => Json;

const RANGE_MAX = 1_000;
const TEXT_MAX = 10_000;
/** With or without the padding, as Java reads it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** A wrong number or kind of arguments; becomes `States.IntrinsicFailure`. */
const refuse = (what: string): never => {
  throw new Error(what);
};

const takes = (count: number, values: readonly Json[], name: string): void => {
  if (values.length !== count) refuse(`${name} expects ${count} arguments but got ${values.length}.`);
};

const arrayOf = (value: Json | undefined, name: string): readonly Json[] =>
  Array.isArray(value) ? value : refuse(`Invalid arguments in ${name}: an array is expected.`);

const textOf = (value: Json | undefined, name: string): string =>
  typeof value === 'string' ? value : refuse(`Invalid arguments in ${name}: a string is expected.`);

/** Rounded as `Math.round` of Java does, which is JavaScript's. */
const integerOf = (value: Json | undefined, name: string): number =>
  typeof value === 'number' ? Math.round(value) + 0 : refuse(`Invalid arguments in ${name}: a number is expected.`);

const isSame = (a: Json, b: Json): boolean => canonical(a) === canonical(b);

const canonical = (value: Json): string =>
  JSON.stringify(value, (_, member: Json) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

const limited = (text: string, name: string): string =>
  text.length > TEXT_MAX ? refuse(`Invalid arguments in ${name}: at most ${TEXT_MAX} characters.`) : text;

/** Every `{}` of the template takes the next value; `\{`, `\}` and `\\` stand for themselves. */
const format: Intrinsic = ([template, ...values]) => {
  let next = 0;
  const text = textOf(template, 'States.Format').replace(/\\([\s\S])|\{\}/g, (match, escaped?: string) => {
    if (escaped !== undefined) return escaped;
    if (next >= values.length) refuse(`Invalid arguments in States.Format: too few for ${match}`);
    return javaText(values[next++] as Json);
  });
  if (next < values.length) refuse('Invalid arguments in States.Format: more than the template has places for');
  return text;
};

const partition: Intrinsic = (values) => {
  takes(2, values, 'States.ArrayPartition');
  const items = arrayOf(values[0], 'States.ArrayPartition');
  const size = integerOf(values[1], 'States.ArrayPartition');
  if (size <= 0) refuse('Invalid arguments in States.ArrayPartition: the size must be positive.');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
};

const range: Intrinsic = (values) => {
  takes(3, values, 'States.ArrayRange');
  const [first, last, step] = values.map((value) => integerOf(value, 'States.ArrayRange')) as [number, number, number];
  if (step === 0) refuse('Invalid arguments in States.ArrayRange: the increment must not be zero.');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_MAX) refuse(`Invalid arguments in States.ArrayRange: more than ${RANGE_MAX} items.`);
  return Array.from({ length: count }, (_, at) => first + at * step);
};

const item: Intrinsic = (values) => {
  takes(2, values, 'States.ArrayGetItem');
  const items = arrayOf(values[0], 'States.ArrayGetItem');
  const index = integerOf(values[1], 'States.ArrayGetItem');
  return items[index] ?? (index >= 0 && index < items.length ? null : refuse('Index out of bounds.'));
};

const hash: Intrinsic = (values, tools) => {
  takes(2, values, 'States.Hash');
  const [data, algorithm] = values;
  if (!HASH_ALGORITHMS.includes(algorithm as HashAlgorithm)) refuse(`Invalid arguments in States.Hash: ${algorithm}`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return hashHex(tools, algorithm as HashAlgorithm, limited(text, 'States.Hash'));
};

const merge: Intrinsic = (values) => {
  takes(3, values, 'States.JsonMerge');
  const [first, second, isDeep] = values;
  const isObject = (value: Json | undefined) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(first) || !isObject(second)) refuse('Invalid arguments in States.JsonMerge: two objects are expected.');
  if (isDeep !== false) refuse('Invalid arguments in States.JsonMerge: only the shallow merging mode is supported.');
  return { ...(first as object), ...(second as object) };
};

const random: Intrinsic = (values, tools) => {
  if (values.length !== 2) takes(3, values, 'States.MathRandom');
  const [from, to] = [integerOf(values[0], 'States.MathRandom'), integerOf(values[1], 'States.MathRandom')];
  if (to <= from) refuse('Invalid arguments in States.MathRandom: the end must be greater than the start.');
  const source = values[2] === undefined ? tools.random : seededRandom(integerOf(values[2], 'States.MathRandom'));
  return from + source.nextInt(to - from);
};

const split: Intrinsic = (values) => {
  takes(2, values, 'States.StringSplit');
  const [text, separators] = [textOf(values[0], 'States.StringSplit'), textOf(values[1], 'States.StringSplit')];
  const parts = [''];
  for (const character of text) {
    if (separators.includes(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
};

const parseText: Intrinsic = (values) => {
  takes(1, values, 'States.StringToJson');
  const text = textOf(values[0], 'States.StringToJson');
  if (text.trim() === '') return null;
  try {
    const parsed = JSON.parse(text) as Json;
    return typeof parsed === 'number' ? parsed + 0 : parsed;
  } catch {
    return refuse(`Invalid arguments in States.StringToJson: '${text}' is not JSON.`);
  }
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
export const intrinsics: Readonly<Record<string, Intrinsic>> = {
  'States.Format': format,
  'States.StringToJson': parseText,
  'States.JsonToString': (values) => {
    takes(1, values, 'States.JsonToString');
    return JSON.stringify(values[0]);
  },
  'States.Array': (values) => values,
  'States.ArrayPartition': partition,
  'States.ArrayContains': (values) => {
    takes(2, values, 'States.ArrayContains');
    return arrayOf(values[0], 'States.ArrayContains').some((each) => isSame(each, values[1] as Json));
  },
  'States.ArrayRange': range,
  'States.ArrayGetItem': item,
  'States.ArrayLength': (values) => {
    takes(1, values, 'States.ArrayLength');
    return arrayOf(values[0], 'States.ArrayLength').length;
  },
  'States.ArrayUnique': (values) => {
    takes(1, values, 'States.ArrayUnique');
    const seen = new Map(
      arrayOf(values[0], 'States.ArrayUnique')
        .map((each) => [canonical(each), each])
        .reverse() as [string, Json][],
    );
    return [...seen.values()].reverse();
  },
  'States.Base64Encode': (values) => {
    takes(1, values, 'States.Base64Encode');
    return base64OfText(limited(textOf(values[0], 'States.Base64Encode'), 'States.Base64Encode'));
  },
  'States.Base64Decode': (values) => {
    takes(1, values, 'States.Base64Decode');
    const text = limited(textOf(values[0], 'States.Base64Decode'), 'States.Base64Decode');
    if (!BASE64.test(text)) refuse('Invalid arguments in States.Base64Decode: the text is not Base64.');
    return utf8Text(bytesOfBase64(text));
  },
  'States.Hash': hash,
  'States.JsonMerge': merge,
  'States.MathRandom': random,
  'States.MathAdd': (values) => {
    takes(2, values, 'States.MathAdd');
    return integerOf(values[0], 'States.MathAdd') + integerOf(values[1], 'States.MathAdd');
  },
  'States.StringSplit': split,
  'States.UUID': (values, tools) => {
    takes(0, values, 'States.UUID');
    return tools.ids.uuid();
  },
};
