import { ServiceError } from '@holdfast/engine';
import { setMember } from '@holdfast/kernel';
import { identityOf, membersOf, ownNameOf, type Shape, type WireName } from './shape.ts';

/** Checks and converts a value in place; `member` names it in errors. Gives back what belongs in its place. */
export type Reader = (value: unknown, member: string) => unknown;

/** How one protocol writes the leaves of a shape. */
export interface LeafReaders {
  readonly string: Reader;
  readonly number: Reader;
  readonly boolean: Reader;
  readonly blob: Reader;
  readonly timestamp: Reader;
}

const tokenOf = (value: unknown): string => {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number' || typeof value === 'bigint') return 'NUMBER_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
};

/** Members that hold floating-point numbers: the run-time schemas do not tell them from integers. */
export const FLOATING: ReadonlySet<string> = new Set([
  'Average',
  'Counts',
  'ExtendedStatistics',
  'Maximum',
  'Minimum',
  'SampleCount',
  'Sum',
  'TargetValue',
  'Threshold',
  'ThrottlingRateLimit',
  'Value',
  'Values',
  'defaultValue',
  'rateLimit',
  'throttlingRateLimit',
  'toleratedFailurePercentage',
]);

/** A long of Java. */
const INTEGER_MAX = 2 ** 63;

/** A number as its member can hold it. Nothing is rounded or cut: what came in must be what is read back. */
export const checkedNumber = (value: number, shown: unknown, member: string): number => {
  if (Number.isInteger(value) && value >= -INTEGER_MAX && value <= INTEGER_MAX) return value;
  if (FLOATING.has(member) && (Number.isFinite(value) || typeof shown === 'string')) return value;
  throw wrongType(shown, 'an Integer', member);
};

/** Text as UTF-8 can carry it. */
export const checkedText = (text: string, member: string): string => {
  if (text.isWellFormed()) return text;
  throw new ServiceError('SerializationException', `A text holds half a surrogate pair: ${member}`);
};

/** Years 0 to 9999, as ISO 8601 writes them. */
const TIMESTAMP_MIN = -62_167_219_200_000;
const TIMESTAMP_MAX = 253_402_300_799_999;

export const checkedTimestamp = (date: Date | undefined, shown: unknown, member: string): Date => {
  const time = date?.getTime() ?? Number.NaN;
  if (date !== undefined && time >= TIMESTAMP_MIN && time <= TIMESTAMP_MAX) return date;
  throw wrongType(shown, 'a Timestamp', member);
};

const nullMember = (path: string): ServiceError =>
  new ServiceError(
    'ValidationException',
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );

/** Levels of a shape that holds itself (an attribute value of DynamoDB); the service's own limit is lower. */
const DEPTH_MAX = 100;

const tooDeep = (): ServiceError =>
  new ServiceError('ValidationException', 'Nesting Levels have exceeded supported limits');

const unknownMember = (name: string, wireName: string): ServiceError =>
  new ServiceError('SerializationException', `There is no member ${name}; it is written ${wireName}`);

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** The text of AWS's own JSON services, with the member's name after it. */
export const wrongType = (value: unknown, wanted: string, member: string): ServiceError =>
  new ServiceError('SerializationException', `${tokenOf(value)} can not be converted to ${wanted}: ${member}`);

/**
 * Compiles shapes into readers, once each. A reader walks and checks but copies nothing: the parsed request is ours to
 * change, and only blobs and timestamps need changing. Members that the model does not know stay where they are, so
 * that the engine refuses them by name.
 */
export class ReaderCompiler {
  readonly #leaves: LeafReaders;
  readonly #compiled = new Map<unknown, Reader>();
  readonly #wireName: WireName;
  #depth = 0;

  constructor(leaves: LeafReaders, wireName: WireName = ownNameOf) {
    this.#leaves = leaves;
    this.#wireName = wireName;
  }

  compile(shape: Shape): Reader {
    const read = this.#compile(shape);
    return (value, member) => {
      // An earlier value may have been left in the middle.
      this.#depth = 0;
      return read(value, member);
    };
  }

  #compile(shape: Shape): Reader {
    const identity = identityOf(shape);
    const known = this.#compiled.get(identity);
    if (known !== undefined) return known;
    let actual: Reader | undefined;
    this.#compiled.set(identity, (value, member) => (actual as Reader)(value, member));
    actual = this.#build(shape);
    this.#compiled.set(identity, actual);
    return actual;
  }

  #build(shape: Shape): Reader {
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return listReader(this.#compile(shape.getValueSchema() as Shape), isSparse(shape));
    if (shape.isMapSchema()) return mapReader(this.#compile(shape.getValueSchema() as Shape), isSparse(shape));
    if (shape.isBlobSchema()) return this.#leaves.blob;
    if (shape.isTimestampSchema()) return this.#leaves.timestamp;
    if (shape.isNumericSchema()) return this.#leaves.number;
    if (shape.isBooleanSchema()) return this.#leaves.boolean;
    if (shape.isStringSchema()) return this.#leaves.string;
    return (value) => value;
  }

  #structure(shape: Shape): Reader {
    const members: Record<string, Reader> = Object.create(null);
    /** Members that are called otherwise on the wire, by the name there. */
    const renamed: [wireName: string, name: string][] = [];
    for (const [name, member] of membersOf(shape)) {
      members[name] = this.#compile(member);
      const wireName = this.#wireName(name, member);
      if (wireName !== name) renamed.push([wireName, name]);
    }
    return (value, at) => {
      if (!isPlainObject(value)) throw wrongType(value, 'a structure', at);
      if (++this.#depth > DEPTH_MAX) throw tooDeep();
      for (const [wireName, name] of renamed) {
        if (Object.hasOwn(value, name)) throw unknownMember(name, wireName);
        if (!Object.hasOwn(value, wireName)) continue;
        value[name] = value[wireName];
        delete value[wireName];
      }
      for (const name in value) {
        const reader = members[name];
        if (reader === undefined) continue;
        const member = value[name];
        if (member === null) {
          value[name] = undefined;
          continue;
        }
        const read = reader(member, name);
        if (read !== member) value[name] = read;
      }
      this.#depth -= 1;
      return value;
    };
  }
}

const isSparse = (shape: Shape): boolean => Boolean(shape.getMergedTraits().sparse);

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listReader =
  (item: Reader, isSparse: boolean): Reader =>
  (value, at) => {
    if (!Array.isArray(value)) throw wrongType(value, 'a list', at);
    for (let index = 0; index < value.length; index++) {
      const member = value[index];
      if (member === null || member === undefined) {
        if (isSparse) continue;
        throw nullMember(`${lowerFirst(at)}.${index + 1}.member`);
      }
      const read = item(member, at);
      if (read !== member) value[index] = read;
    }
    return value;
  };

const mapReader =
  (entry: Reader, isSparse: boolean): Reader =>
  (value, at) => {
    if (!isPlainObject(value)) throw wrongType(value, 'a map', at);
    for (const key in value) {
      const member = value[key];
      if (!key.isWellFormed()) checkedText(key, at);
      if (member === null || member === undefined) {
        if (isSparse) continue;
        throw nullMember(`${lowerFirst(at)}.${key}.member`);
      }
      const read = entry(member, at);
      if (read !== member) setMember(value, key, read);
    }
    return value;
  };
