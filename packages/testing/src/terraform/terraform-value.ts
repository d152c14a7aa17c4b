import type { HclText } from './hcl-text.ts';

/** A value that CloudFormation finds out when it deploys. */
export type Intrinsic = Readonly<Record<string, unknown>>;

/** A text of which parts are known only once others are deployed. */
export class JoinedText {
  readonly parts: readonly (string | Intrinsic)[];

  constructor(parts: readonly (string | Intrinsic)[]) {
    this.parts = parts;
  }
}

/** A resource or a module as a whole: what it has is asked for by name, and found out then. */
export class Whole {
  readonly get: (name: string, at: HclText) => TerraformValue;
  readonly #at: HclText;

  constructor(get: Whole['get'], at: HclText) {
    this.get = get;
    this.#at = at;
  }

  toJSON(): never {
    return this.#at.fail('is a whole resource or module, of which a plan is played by its attributes or outputs alone');
  }
}

/** A value of Terraform's language. */
export type TerraformValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | JoinedText
  | Whole
  | readonly TerraformValue[]
  | { readonly [name: string]: TerraformValue };

export type TerraformObject = Readonly<Record<string, TerraformValue>>;

export const isMembers = (value: TerraformValue): value is TerraformObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof JoinedText) &&
  !(value instanceof Whole);

export const isText = (value: TerraformValue): value is string | JoinedText =>
  typeof value === 'string' || value instanceof JoinedText;

const SETS = new WeakSet<object>();

/** As Terraform has them in a set; what is not known yet stays where it is. */
const inOrder = (items: readonly TerraformValue[]): readonly TerraformValue[] =>
  ['string', 'number'].some((type) => items.every((item) => typeof item === type))
    ? items.toSorted((one, other) => ((one as string) < (other as string) ? -1 : 1))
    : [...items];

/** Of a set, items are their own keys, and in an order of their own. */
export const asSet = (items: readonly TerraformValue[]): readonly TerraformValue[] => {
  const set = inOrder(items);
  SETS.add(set);
  return set;
};

export const isSet = (value: TerraformValue): boolean => typeof value === 'object' && value !== null && SETS.has(value);

/** Text and joined text as one. */
export const joined = (values: readonly (string | JoinedText)[]): string | JoinedText => {
  const parts = values.flatMap((value) => (typeof value === 'string' ? [value] : value.parts));
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return new JoinedText(parts);
};

/** A character of no language, around the number of a part that is not known yet. */
const MARK = '\uE000';
const MARKED = /\uE000(\d+)\uE000/;

/** Text in which each part that is not known yet is a mark, and what the marks stand for. */
const marked = (value: string | JoinedText): readonly [string, readonly Intrinsic[]] => {
  if (typeof value === 'string') return [value, []];
  const stands: Intrinsic[] = [];
  const text = value.parts.map((part) => (typeof part === 'string' ? part : `${MARK}${stands.push(part) - 1}${MARK}`));
  return [text.join(''), stands];
};

const unmarked = (text: string, stands: readonly Intrinsic[]): string | JoinedText => {
  const pieces = text.split(MARKED);
  if (pieces.length === 1) return text;
  // Every second piece is the number of a mark.
  const parts = pieces.map((piece, index) => (index % 2 === 0 ? piece : (stands[Number(piece)] ?? '')));
  return new JoinedText(parts.filter((part) => part !== ''));
};

/** As `jsonencode` writes it. */
export const jsonText = (value: TerraformValue): string | JoinedText => {
  const stands: Intrinsic[] = [];
  const text = JSON.stringify(value, (_, inner: TerraformValue) => {
    if (!(inner instanceof JoinedText)) return inner;
    return inner.parts
      .map((part) => (typeof part === 'string' ? part : `${MARK}${stands.push(part) - 1}${MARK}`))
      .join('');
  });
  return unmarked(text, stands);
};

/** What a text of JSON says. */
export const parseJsonText = (value: string | JoinedText): TerraformValue => {
  const [text, stands] = marked(value);
  return JSON.parse(text, (_, inner: unknown) => (typeof inner === 'string' ? unmarked(inner, stands) : inner));
};

/** The value as it stands in a template of CloudFormation. */
export const asTemplateValue = (value: TerraformValue): unknown => {
  if (value instanceof JoinedText) {
    const [only] = value.parts;
    return value.parts.length === 1 ? only : { 'Fn::Join': ['', value.parts] };
  }
  if (Array.isArray(value)) return (value as readonly TerraformValue[]).map(asTemplateValue);
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asTemplateValue(inner)]));
};
