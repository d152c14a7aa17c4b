import { compileEventPattern, type EventPattern } from '../event-pattern/event-pattern.ts';

interface CompiledFilter {
  readonly pattern: EventPattern;
  /** What the filter expects of the payload: JSON to look into, plain text to compare, or nothing at all. */
  readonly payload: 'json' | 'text' | 'any';
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsePayload = (text: string): object | undefined => {
  // Only objects can be looked into; most plain texts need no parser to be told apart.
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Compiles filters that look into a payload under the name of `member` and at the metadata beside it; one matching
 * filter suffices. A payload that is JSON where the filter wants text, or the other way round, does not match.
 *
 * @throws EventPatternError
 */
export const compilePayloadFilters = (
  filters: readonly string[],
  member: 'body' | 'data',
): ((metadata: object, payload: string) => boolean) => {
  const compiled = filters.map((text): CompiledFilter => {
    const pattern = compileEventPattern(text);
    const wanted = (JSON.parse(text) as Record<string, unknown>)[member];
    return { pattern, payload: wanted === undefined ? 'any' : Array.isArray(wanted) ? 'text' : 'json' };
  });
  return (metadata, text) => {
    const json = parsePayload(text);
    return compiled.some(({ pattern, payload }) => {
      if (payload === 'json' && json === undefined) return false;
      if (payload === 'text' && json !== undefined) return false;
      return pattern.matches({ ...metadata, [member]: json ?? text });
    });
  };
};
