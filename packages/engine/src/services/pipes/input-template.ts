import { bytesOfBase64, utf8Text } from '@holdfast/kernel';
import { fillPlaceholders, type Json, valueAt } from '../../core/index.ts';

/** What templates and parameters may ask about beside the event. */
export interface PipeFacts {
  readonly pipeArn: string;
  readonly pipeName: string;
  readonly sourceArn: string;
  readonly enrichmentArn: string;
  readonly targetArn: string;
  readonly ingestedAt: string;
}

const PLACEHOLDER = /<(\$[^>]*|aws\.pipes\.[a-z.-]+)>/y;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/**
 * What a path finds in an event. Data of Kinesis is decoded, and text that holds JSON is looked into, where the path
 * leads further.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html#input-transform-implicit
 */
export const lookUp = (event: unknown, path: string): unknown => {
  const direct = valueAt(event, path);
  const member = /^\$\.(body|data)(?=[.[]|$)/.exec(path)?.[1];
  if (member === undefined) return direct;
  const text = valueAt(event, `$.${member}`);
  if (typeof text !== 'string') return direct;
  const content = parsed(member === 'data' ? utf8Text(bytesOfBase64(text)) : text);
  const rest = path.slice(2 + member.length);
  if (rest !== '') return valueAt(content, `$${rest}`);
  return member === 'data' ? content : text;
};

const reserved = (name: string, event: unknown, facts: PipeFacts): unknown => {
  switch (name) {
    case 'aws.pipes.pipe-arn':
      return facts.pipeArn;
    case 'aws.pipes.pipe-name':
      return facts.pipeName;
    case 'aws.pipes.source-arn':
      return facts.sourceArn;
    case 'aws.pipes.enrichment-arn':
      return facts.enrichmentArn;
    case 'aws.pipes.target-arn':
      return facts.targetArn;
    case 'aws.pipes.event.ingestion-time':
      return facts.ingestedAt;
    case 'aws.pipes.event':
    case 'aws.pipes.event.json':
      return event;
    default:
      return undefined;
  }
};

/** Between the quotes of a template's string everything is text, and must not end it. */
const insideQuotes = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return JSON.stringify(text).slice(1, -1);
};

/**
 * Fills a template: variables stand for JSON, or for text between quotes. What ends as JSON is JSON, all else is text.
 * A path that finds nothing is `null`, and nothing between quotes.
 */
export const fillTemplate = (template: string, event: unknown, facts: PipeFacts): Json => {
  const text = fillPlaceholders(template, PLACEHOLDER, (name, isQuoted) => {
    const value = name.startsWith('$') ? lookUp(event, name) : reserved(name, event, facts);
    if (!isQuoted) return JSON.stringify(value ?? null);
    return value === undefined ? '' : insideQuotes(value);
  });
  return parsed(text) as Json;
};

/** A parameter: a constant, or where it stands in the event. */
export const fillParameter = (parameter: string | undefined, event: unknown): string | undefined => {
  if (parameter === undefined || !parameter.startsWith('$.')) return parameter;
  const value = lookUp(event, parameter);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
