import { setMember } from '@holdfast/kernel';
import { FLOATING } from './reader.ts';
import { identityOf, membersOf, ownNameOf, type Shape, type WireName } from './shape.ts';

/** Turns an output into what the protocol's serialiser takes. Gives back its argument wherever nothing changes. */
export type Writer = (value: unknown) => unknown;

export interface LeafWriters {
  readonly blob: Writer;
  readonly timestamp: (shape: Shape) => Writer;
  /** Of a floating-point number that may look like an integer; where the wire does not tell them apart, nothing. */
  readonly floating?: Writer;
}

const identity: Writer = (value) => value;

/** Compiles shapes into writers, once each. A shape without blobs and timestamps is written as it is. */
export class WriterCompiler {
  readonly #leaves: LeafWriters;
  readonly #wireName: WireName;
  readonly #compiled = new Map<unknown, Writer>();

  constructor(leaves: LeafWriters, wireName: WireName = ownNameOf) {
    this.#leaves = leaves;
    this.#wireName = wireName;
  }

  compile(shape: Shape): Writer {
    const key = identityOf(shape);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    let actual = identity;
    this.#compiled.set(key, (value) => actual(value));
    actual = needsWriting(shape, this.#wireName, new Set()) ? this.#build(shape) : identity;
    this.#compiled.set(key, actual);
    return actual;
  }

  #build(shape: Shape): Writer {
    if (shape.isBlobSchema()) return this.#leaves.blob;
    if (shape.isTimestampSchema()) return this.#leaves.timestamp(shape);
    if (shape.isStructSchema()) return this.#structure(shape);
    const item = this.compile(shape.getValueSchema() as Shape);
    return shape.isListSchema() ? listWriter(item) : mapWriter(item);
  }

  #floating(name: string, member: Shape): Writer | undefined {
    const { floating } = this.#leaves;
    if (floating === undefined || !isFloating(name, member)) return undefined;
    if (member.isListSchema()) return listWriter(floating);
    return member.isMapSchema() ? mapWriter(floating) : floating;
  }

  #structure(shape: Shape): Writer {
    const members: Record<string, Writer> = Object.create(null);
    const wireNames = new Map<string, string>();
    for (const [name, member] of membersOf(shape)) {
      const writer = this.#floating(name, member) ?? this.compile(member);
      if (writer !== identity) members[name] = writer;
      const wireName = this.#wireName(name, member);
      if (wireName !== name) wireNames.set(name, wireName);
    }
    const write: Writer = (value) => copyOnChange(value, (name) => members[name]);
    return wireNames.size === 0 ? write : (value) => renamed(write(value), wireNames);
  }
}

/** A member of that name that is a number, or a list or map of them. */
const isFloating = (name: string, member: Shape): boolean =>
  FLOATING.has(name) &&
  (member.isNumericSchema() ||
    ((member.isListSchema() || member.isMapSchema()) && (member.getValueSchema() as Shape).isNumericSchema()));

const renamed = (value: unknown, wireNames: ReadonlyMap<string, string>): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [wireNames.get(name) ?? name, member]));
};

const needsWriting = (shape: Shape, wireName: WireName, seen: Set<unknown>): boolean => {
  if (shape.isBlobSchema() || shape.isTimestampSchema()) return true;
  const isContainer = shape.isListSchema() || shape.isMapSchema();
  if (!isContainer && !shape.isStructSchema()) return false;
  const key = identityOf(shape);
  if (seen.has(key)) return false;
  seen.add(key);
  if (isContainer) return needsWriting(shape.getValueSchema() as Shape, wireName, seen);
  return membersOf(shape).some(
    ([name, member]) =>
      wireName(name, member) !== name || isFloating(name, member) || needsWriting(member, wireName, seen),
  );
};

const copyOnChange = (value: unknown, writerOf: (name: string) => Writer | undefined): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  let out = value as Record<string, unknown>;
  for (const name in value) {
    const writer = writerOf(name);
    if (writer === undefined) continue;
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined || member === null) continue;
    const written = writer(member);
    if (written === member) continue;
    if (out === value) out = { ...value };
    setMember(out, name, written);
  }
  return out;
};

const mapWriter =
  (entry: Writer): Writer =>
  (value) =>
    copyOnChange(value, () => entry);

const listWriter =
  (item: Writer): Writer =>
  (value) => {
    if (!Array.isArray(value)) return value;
    let out: unknown[] = value;
    for (let index = 0; index < value.length; index++) {
      const written = item(value[index]);
      if (written === value[index]) continue;
      if (out === value) out = [...value];
      out[index] = written;
    }
    return out;
  };
