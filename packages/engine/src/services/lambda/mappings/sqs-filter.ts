import { compileEventPattern, type EventPattern } from '../../../core/index.ts';
import type { SqsRecord } from './sqs-record.ts';

interface CompiledFilter {
  readonly pattern: EventPattern;
  /** What the filter expects of the body: JSON to look into, plain text to compare, or nothing at all. */
  readonly body: 'json' | 'text' | 'any';
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const compile = (text: string): CompiledFilter => {
  const pattern = compileEventPattern(text);
  const body: unknown = (JSON.parse(text) as { body?: unknown }).body;
  return { pattern, body: body === undefined ? 'any' : Array.isArray(body) ? 'text' : 'json' };
};

const parseBody = (body: string): object | undefined => {
  // Only objects can be looked into; most plain texts need no parser to be told apart.
  if (!/^\s*\{/.test(body)) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Compiles filter criteria for messages: one matching filter suffices. A body that is JSON where the pattern wants
 * text, or the other way round, does not match. Where the event comes from cannot be filtered on.
 *
 * @throws EventPatternError
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export const compileSqsFilters = (filters: readonly string[]): ((record: SqsRecord) => boolean) => {
  if (filters.length === 0) return () => true;
  const compiled = filters.map(compile);
  return (record) => {
    const { messageId, receiptHandle, attributes, messageAttributes, md5OfBody, md5OfMessageAttributes } = record;
    const metadata = { messageId, receiptHandle, attributes, messageAttributes, md5OfBody, md5OfMessageAttributes };
    const parsed = parseBody(record.body);
    return compiled.some(({ pattern, body }) => {
      if (body === 'json' && parsed === undefined) return false;
      if (body === 'text' && parsed !== undefined) return false;
      return pattern.matches({ ...metadata, body: parsed ?? record.body });
    });
  };
};
