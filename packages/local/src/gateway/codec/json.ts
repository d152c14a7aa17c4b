import { isUtf8 } from 'node:buffer';
import { ServiceError } from '@holdfast/engine';
import { checkedNumber, checkedText, checkedTimestamp, type LeafReaders, ReaderCompiler, wrongType } from './reader.ts';
import { parseTimestamp, timestampFormatOf, timestampText, type WireName } from './shape.ts';
import { type LeafWriters, WriterCompiler } from './writer.ts';

const NUMBER_WORDS = new Set(['NaN', 'Infinity', '-Infinity']);

const jsonLeaves: LeafReaders = {
  string: (value, member) => {
    if (typeof value !== 'string') throw wrongType(value, 'a String', member);
    return checkedText(value, member);
  },
  number: (value, member) => {
    if (typeof value === 'number') return checkedNumber(value, value, member);
    if (typeof value === 'string' && NUMBER_WORDS.has(value)) return checkedNumber(Number(value), value, member);
    throw wrongType(value, 'an Integer', member);
  },
  boolean: (value, member) => {
    if (typeof value !== 'boolean') throw wrongType(value, 'a Boolean', member);
    return value;
  },
  blob: (value, member) => {
    if (typeof value !== 'string') throw wrongType(value, 'a blob', member);
    return Buffer.from(value, 'base64');
  },
  timestamp: (value, member) => {
    const date = typeof value === 'number' || typeof value === 'string' ? parseTimestamp(value) : undefined;
    return checkedTimestamp(date, value, member);
  },
};

const base64Of = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value;

/** Up to here a number's digits are its own. */
const WHOLE_MAX = 1e15;

const { rawJSON } = JSON as JSON & { rawJSON?(text: string): unknown };

const jsonLeafWriters: LeafWriters = {
  // AWS writes doubles as Java does, `10.0`, and typed clients take it as what it is.
  floating: (value) =>
    rawJSON !== undefined && typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < WHOLE_MAX
      ? rawJSON(`${value}.0`)
      : value,
  blob: base64Of,
  timestamp: (shape) => {
    const format = timestampFormatOf(shape, 'epoch-seconds');
    return (value) => {
      if (!(value instanceof Date)) return value;
      return format === 'epoch-seconds' ? value.getTime() / 1000 : timestampText(value, format);
    };
  },
};

export const jsonReaders = (wireName?: WireName): ReaderCompiler => new ReaderCompiler(jsonLeaves, wireName);
export const jsonWriters = (wireName?: WireName): WriterCompiler => new WriterCompiler(jsonLeafWriters, wireName);

/** @throws ServiceError as AWS answers text that is not JSON */
export const parseJson = (body: Buffer): unknown => {
  if (body.length === 0) return {};
  const text = body.toString('utf8');
  // Whatever is no UTF-8 becomes this character, and nearly no text has it.
  if (text.includes('\uFFFD') && !isUtf8(body)) {
    throw new ServiceError('SerializationException', 'The request body is not valid UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ServiceError('SerializationException', `The request body is not valid JSON: ${(error as Error).message}`);
  }
};
