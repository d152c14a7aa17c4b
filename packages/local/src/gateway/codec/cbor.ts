import { ServiceError } from '@holdfast/engine';
import { cbor, dateToTag } from '@smithy/core/cbor';
import { type LeafReaders, ReaderCompiler, wrongType } from './reader.ts';
import { type LeafWriters, WriterCompiler } from './writer.ts';

const cborLeaves: LeafReaders = {
  string: (value, member) => {
    if (typeof value !== 'string') throw wrongType(value, 'a String', member);
    return value;
  },
  number: (value, member) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
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
  // Tag 1 around seconds; clients also leave the tag out.
  timestamp: (value, member) => {
    const tagged = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
    if (typeof tagged !== 'number' && typeof tagged !== 'bigint') throw wrongType(value, 'a Timestamp', member);
    return new Date(Math.round(Number(tagged) * 1000));
  },
};

const cborLeafWriters: LeafWriters = {
  blob: (value) => value,
  timestamp: () => (value) => (value instanceof Date ? dateToTag(value) : value),
};

export const cborReaders = (): ReaderCompiler => new ReaderCompiler(cborLeaves);
export const cborWriters = (): WriterCompiler => new WriterCompiler(cborLeafWriters);

/** @throws ServiceError as AWS answers bytes that are not CBOR */
export const parseCbor = (body: Buffer): unknown => {
  if (body.length === 0) return {};
  try {
    return cbor.deserialize(body);
  } catch (error) {
    throw new ServiceError('SerializationException', `The request body is not valid CBOR: ${(error as Error).message}`);
  }
};

export const writeCbor = (value: unknown): Uint8Array => cbor.serialize(value);
