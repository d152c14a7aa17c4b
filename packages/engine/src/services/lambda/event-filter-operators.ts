/** A pattern that AWS would refuse; `reason` is the tail of its message. */
export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
  readonly reason: string;

  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
    this.reason = reason;
  }
}

/** Judges the scalars under one key; none at all means that the key is missing or holds an object. */
export type LeafCondition = (scalars: readonly unknown[]) => boolean;

type ScalarTest = (value: unknown) => boolean;

const fail = (reason: string): never => {
  throw new EventPatternError(reason);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const onText =
  (test: (text: string) => boolean): ScalarTest =>
  (value) =>
    typeof value === 'string' && test(value);

/** `*` stands for any run of characters, `\*` and `\\` for themselves. Linear in the text for each star. */
const wildcardTest = (pattern: string): ScalarTest => {
  if (/(?<!\\)\*\*/.test(pattern)) {
    fail(`Consecutive wildcard characters at pos ${pattern.search(/(?<!\\)\*\*/)}`);
  }
  const pieces = pattern.split(/(?<!\\)\*/).map((piece) => piece.replace(/\\([*\\])/g, '$1'));
  return onText((text) => {
    const [first = '', ...rest] = pieces;
    const last = rest.pop();
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const piece of rest) {
      const at = text.indexOf(piece, from);
      if (at < 0 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  });
};

const affixTest = (operator: 'prefix' | 'suffix', operand: unknown): ScalarTest => {
  const test = (text: string, affix: string): boolean =>
    operator === 'prefix' ? text.startsWith(affix) : text.endsWith(affix);
  if (typeof operand === 'string') return onText((text) => test(text, operand));
  if (isObject(operand) && Object.keys(operand).length === 1) {
    const folded = operand['equals-ignore-case'];
    if (typeof folded === 'string') return onText((text) => test(text.toLowerCase(), folded.toLowerCase()));
  }
  return fail(`${operator} match pattern must be a string`);
};

type Comparison = (value: number, bound: number) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const numericTest = (operand: unknown): ScalarTest => {
  if (!Array.isArray(operand)) return fail('Value of numeric must be an array.');
  if (operand.length !== 2 && operand.length !== 4) return fail('Bad numeric range operator: wrong number of values');
  const parts: { compare: Comparison; bound: number }[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const name = String(operand[index]);
    const compare = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
    if (compare === undefined) return fail(`Unrecognized numeric range operator: ${name}`);
    const bound = operand[index + 1];
    if (typeof bound !== 'number') return fail(`Value of ${name} must be numeric`);
    const isOutOfOrder = index === 0 ? operand.length === 4 && !name.startsWith('>') : !name.startsWith('<');
    if (isOutOfOrder) return fail(`Bad numeric range operator: ${name}`);
    parts.push({ compare, bound });
  }
  return (value) => typeof value === 'number' && parts.every(({ compare, bound }) => compare(value, bound));
};

/** An address as bits; `undefined` when the text is none. */
const addressBits = (text: string): { readonly bits: bigint; readonly width: 32 | 128 } | undefined => {
  const quads = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (quads !== null) {
    const numbers = quads.slice(1).map(Number);
    if (numbers.some((number) => number > 255)) return undefined;
    return { bits: numbers.reduce((bits, number) => (bits << 8n) | BigInt(number), 0n), width: 32 };
  }
  if (!text.includes(':') || !/^[0-9a-fA-F:]+$/.test(text)) return undefined;
  const [head = '', tail, extra] = text.split('::');
  if (extra !== undefined) return undefined;
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (groups.some((group) => group === '' || group.length > 4)) return undefined;
  return { bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), width: 128 };
};

const cidrTest = (operand: unknown): ScalarTest => {
  const parts = typeof operand === 'string' ? operand.split('/') : [];
  if (parts.length !== 2) return fail("Malformed CIDR, one '/' required");
  const [base, mask] = parts as [string, string];
  if (!/^\d+$/.test(mask)) return fail('Malformed CIDR, mask bits must be an integer');
  const network = addressBits(base);
  if (network === undefined) return fail(`Nonstandard IP address: ${base}`);
  const maskBits = Number(mask);
  if (maskBits > network.width) return fail('Malformed CIDR, mask bits must not exceed the address');
  const shift = BigInt(network.width - maskBits);
  return onText((text) => {
    const address = addressBits(text);
    return address?.width === network.width && address.bits >> shift === network.bits >> shift;
  });
};

const foldedTest = (operand: unknown): ScalarTest => {
  if (typeof operand !== 'string') return fail('equals-ignore-case match pattern must be a string');
  return onText((text) => text.toLowerCase() === operand.toLowerCase());
};

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const scalarList = (operand: readonly unknown[]): readonly (string | number)[] => {
  const isUniform =
    operand.every((value) => typeof value === 'string') || operand.every((value) => typeof value === 'number');
  if (operand.length === 0) return fail('Empty arrays are not allowed');
  if (!isUniform) {
    const odd = operand.find((value) => typeof value !== 'string' && typeof value !== 'number');
    return fail(`Inside anything but list, start|${typeName(odd)}|number is not number or string`);
  }
  return operand as readonly (string | number)[];
};

const NEGATABLE = ['prefix', 'suffix', 'wildcard', 'equals-ignore-case'];

/** What `anything-but` forbids. Null and values of another type are not forbidden; a missing key never matches. */
const forbiddenTest = (operand: unknown): ScalarTest => {
  if (typeof operand === 'string' || typeof operand === 'number') return (value) => value === operand;
  if (Array.isArray(operand)) {
    const forbidden = new Set<unknown>(scalarList(operand));
    return (value) => forbidden.has(value);
  }
  const [entry, ...more] = isObject(operand) ? Object.entries(operand) : [];
  if (entry === undefined || more.length > 0 || !NEGATABLE.includes(entry[0])) {
    return fail('Value of anything-but must be an array or single string/number value.');
  }
  const [operator, inner] = entry;
  const operands = Array.isArray(inner) ? inner : [inner];
  const tests = operands.map((one) => {
    if (typeof one !== 'string') return fail(`${operator} match pattern must be a string`);
    if (one === '' && (operator === 'prefix' || operator === 'suffix')) return fail('Null prefix/suffix not allowed');
    return scalarTest(operator, one);
  });
  return (value) => tests.some((test) => test(value));
};

const scalarTest = (operator: string, operand: unknown): ScalarTest => {
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return affixTest(operator, operand);
    case 'equals-ignore-case':
      return foldedTest(operand);
    case 'wildcard':
      return typeof operand === 'string' ? wildcardTest(operand) : fail('wildcard match pattern must be a string');
    case 'numeric':
      return numericTest(operand);
    case 'cidr':
      return cidrTest(operand);
    case 'anything-but': {
      const forbidden = forbiddenTest(operand);
      return (value) => !forbidden(value);
    }
    default:
      return fail(`Unrecognized match type ${operator}`);
  }
};

/** Compiles one alternative of a leaf: a value to equal, or an object with exactly one operator. */
export const compileCondition = (alternative: unknown): LeafCondition => {
  if (Array.isArray(alternative)) return fail('Match value must be String, number, true, false, or null');
  if (!isObject(alternative)) return (scalars) => scalars.includes(alternative);
  const [entry, ...more] = Object.entries(alternative);
  if (entry === undefined || more.length > 0) return fail('Only one key allowed in match expression');
  const [operator, operand] = entry;
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') return fail('exists match pattern must be either true or false.');
    return (scalars) => scalars.length > 0 === operand;
  }
  const test = scalarTest(operator, operand);
  return (scalars) => scalars.some(test);
};
