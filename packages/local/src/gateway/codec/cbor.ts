import { ServiceError } from '@holdfast/engine';
import { cbor } from '@smithy/core/cbor';
import { flawOfCbor } from './cbor-check.ts';
import { CborWriter, Float, Time } from './cbor-writer.ts';
import { checkedNumber, checkedTimestamp, type LeafReaders, ReaderCompiler, wrongType } from './reader.ts';
import { type LeafWriters, WriterCompiler } from './writer.ts';

const cborLeaves: LeafReaders = {
  string: (value, member) => {
    if (typeof value !== 'string') throw wrongType(value, 'a String', member);
    return value;
  },
  number: (value, member) => {
    if (typeof value === 'number' || typeof value === 'bigint') return checkedNumber(Number(value), value, member);
    throw wrongType(value, 'an Integer', member);
  },
  boolean: (value, member) => {
    if (typeof value !== 'boolean') throw wrongType(value, 'a Boolean', member);
    return value;
  },
  blob: (value, member) => {
    if (!(value instanceof Uint8Array)) throw wrongType(value, 'a blob', member);
    return value;
  },
  timestamp: (value, member) =>
    checkedTimestamp(new Date(Math.round(taggedNumber(value, member) * 1000)), value, member),
};

/** Tag 1 around a number; clients also leave the tag out. */
const taggedNumber = (value: unknown, member: string): number => {
  const tagged = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  if (typeof tagged !== 'number' && typeof tagged !== 'bigint') throw wrongType(value, 'a Timestamp', member);
  return Number(tagged);
};

const cborLeafWriters: LeafWriters = {
  blob: (value) => value,
  timestamp: () => (value) => (value instanceof Date ? new Time(new Float(value.getTime() / 1_000)) : value),
  floating: (value) => (typeof value === 'number' ? new Float(value) : value),
};

/** How a form of CBOR reads and writes shapes. */
export interface CborForm {
  readonly leaves: LeafReaders;
  readonly leafWriters: LeafWriters;
}

/** Timestamps in seconds, as Smithy's RPC v2 has them. */
export const CBOR_IN_SECONDS: CborForm = { leaves: cborLeaves, leafWriters: cborLeafWriters };

/** Timestamps in milliseconds, as the older `application/x-amz-cbor-1.1` of Kinesis has them. */
export const CBOR_IN_MILLISECONDS: CborForm = {
  leaves: {
    ...cborLeaves,
    timestamp: (value, member) => checkedTimestamp(new Date(taggedNumber(value, member)), value, member),
  },
  leafWriters: {
    ...cborLeafWriters,
    timestamp: () => (value) => (value instanceof Date ? new Time(value.getTime()) : value),
  },
};

export const cborReaders = ({ leaves } = CBOR_IN_SECONDS): ReaderCompiler => new ReaderCompiler(leaves);
export const cborWriters = ({ leafWriters } = CBOR_IN_SECONDS): WriterCompiler => new WriterCompiler(leafWriters);

/** The SDK's decoder drops a member of this name, or makes it the prototype of what it reads. */
const LOST_MEMBER = '__proto__';

/** @throws ServiceError as AWS answers bytes that are not CBOR, and for a text that the SDK's decoder would lose */
export const parseCbor = (body: Buffer): unknown => {
  if (body.length === 0) return {};
  if (body.includes(LOST_MEMBER)) {
    throw new ServiceError('SerializationException', `The text ${LOST_MEMBER} is not supported in a CBOR body.`);
  }
  const flaw = flawOfCbor(body);
  if (flaw !== undefined) {
    throw new ServiceError('SerializationException', `The request body is not valid CBOR: ${flaw}`);
  }
  try {
    return cbor.deserialize(body);
  } catch (error) {
    throw new ServiceError('SerializationException', `The request body is not valid CBOR: ${(error as Error).message}`);
  }
};

export const writeCbor = (value: unknown): Uint8Array => CborWriter.write(value);
