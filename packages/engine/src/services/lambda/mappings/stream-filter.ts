import { compileEventPattern, type EventPattern } from '../../../core/index.ts';
import type { StreamKind } from './stream-settings.ts';

type EventRecord = Readonly<Record<string, unknown>>;

interface CompiledFilter {
  readonly pattern: EventPattern;
  /** What the filter expects of the data: JSON to look into, plain text to compare, or nothing at all. */
  readonly data: 'json' | 'text' | 'any';
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const compile = (text: string): CompiledFilter => {
  const pattern = compileEventPattern(text);
  const data: unknown = (JSON.parse(text) as { data?: unknown }).data;
  return { pattern, data: data === undefined ? 'any' : Array.isArray(data) ? 'text' : 'json' };
};

const parsed = (text: string): object | undefined => {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const ofKinesis = (filters: readonly CompiledFilter[]) => (record: EventRecord) => {
  const kinesis = record['kinesis'] as { readonly data: string };
  const text = Buffer.from(kinesis.data, 'base64').toString();
  const json = parsed(text);
  return filters.some(({ pattern, data }) => {
    if (data === 'json' && json === undefined) return false;
    if (data === 'text' && json !== undefined) return false;
    return pattern.matches({ ...kinesis, data: json ?? text });
  });
};

/**
 * Compiles filter criteria for the records of streams; one matching filter suffices. Kinesis patterns look into `data`,
 * decoded, and at the metadata beside it; DynamoDB patterns look at the record as functions get it.
 *
 * @throws EventPatternError
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
 */
export const compileStreamFilters = (
  kind: StreamKind,
  filters: readonly string[],
): ((record: EventRecord) => boolean) => {
  if (filters.length === 0) return () => true;
  const compiled = filters.map(compile);
  return kind === 'kinesis' ? ofKinesis(compiled) : (record) => compiled.some(({ pattern }) => pattern.matches(record));
};
