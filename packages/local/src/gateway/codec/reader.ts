import { ServiceError } from '@holdfast/engine';
import { identityOf, membersOf, type Shape } from './shape.ts';

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

  constructor(leaves: LeafReaders) {
    this.#leaves = leaves;
  }

  compile(shape: Shape): Reader {
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
    if (shape.isListSchema()) return listReader(this.compile(shape.getValueSchema() as Shape));
    if (shape.isMapSchema()) return mapReader(this.compile(shape.getValueSchema() as Shape));
    if (shape.isBlobSchema()) return this.#leaves.blob;
    if (shape.isTimestampSchema()) return this.#leaves.timestamp;
    if (shape.isNumericSchema()) return this.#leaves.number;
    if (shape.isBooleanSchema()) return this.#leaves.boolean;
    if (shape.isStringSchema()) return this.#leaves.string;
    return (value) => value;
  }

  #structure(shape: Shape): Reader {
    const members: Record<string, Reader> = Object.create(null);
    for (const [name, member] of membersOf(shape)) members[name] = this.compile(member);
    return (value, at) => {
      if (!isPlainObject(value)) throw wrongType(value, 'a structure', at);
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
      return value;
    };
  }
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listReader =
  (item: Reader): Reader =>
  (value, at) => {
    if (!Array.isArray(value)) throw wrongType(value, 'a list', at);
    for (let index = 0; index < value.length; index++) {
      const member = value[index];
      if (member === null) continue;
      const read = item(member, at);
      if (read !== member) value[index] = read;
    }
    return value;
  };

const mapReader =
  (entry: Reader): Reader =>
  (value, at) => {
    if (!isPlainObject(value)) throw wrongType(value, 'a map', at);
    for (const key in value) {
      const member = value[key];
      if (member === null) continue;
      const read = entry(member, at);
      if (read !== member) Object.defineProperty(value, key, { value: read });
    }
    return value;
  };
