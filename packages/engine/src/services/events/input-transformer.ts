import { type EpochMs, memberOf } from '@holdfast/kernel';
import { fillPlaceholders, isObject, jsonIn, valueAt } from '../../core/index.ts';
import type { EventEnvelope } from './envelope.ts';

/** How a target changes the event it gets; at most one of the three. */
export interface TargetInput {
  readonly input?: string | undefined;
  readonly inputPath?: string | undefined;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string } | undefined;
}

/** What a template may ask about beside the event. */
export interface InvocationFacts {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestedAt: EpochMs;
}

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/y;

const RESERVED: readonly string[] = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
];

/** Names of the placeholders in a template that neither the paths nor EventBridge itself define. */
export const unknownPlaceholders = (template: string, paths: Readonly<Record<string, string>>): string[] =>
  Array.from(template.matchAll(new RegExp(PLACEHOLDER.source, 'g')), ([, name]) => name as string).filter(
    (name) => !Object.hasOwn(paths, name) && !RESERVED.includes(name),
  );

const reservedValue = (name: string, event: EventEnvelope, facts: InvocationFacts): unknown => {
  switch (name) {
    case 'aws.events.rule-arn':
      return facts.ruleArn;
    case 'aws.events.rule-name':
      return facts.ruleName;
    case 'aws.events.event.ingestion-time': {
      const ingested = new Date(facts.ingestedAt);
      return ingested.toISOString();
    }
    case 'aws.events.event': {
      // AWS leaves the detail out, and spells this one member in its own way.
      const { detail: _, 'detail-type': detailType, ...rest } = event;
      return { ...rest, detailType };
    }
    default:
      return event;
  }
};

/** A template as it would be with something in each place. */
const sampleOf = (template: string): string =>
  fillPlaceholders(template, PLACEHOLDER, (_, isQuoted) => (isQuoted ? 'x' : '0'));

/** Why a template cannot become JSON: an object, a list, or texts, one a line. */
export const templateFault = (template: string): string | undefined => {
  const sample = sampleOf(template);
  if (jsonIn(sample) !== undefined) return undefined;
  const lines = sample.split('\n').filter((line) => line.trim() !== '');
  return !isJsonTemplate(template) && lines.every((line) => jsonIn(line) !== undefined)
    ? undefined
    : 'the template does not make JSON.';
};

/** Why a template cannot become the event of a log group, which says when it was and what. */
export const logTemplateFault = (template: string): string | undefined => {
  const sample = jsonIn(sampleOf(template));
  const isEvent =
    isObject(sample) &&
    Object.keys(sample).length === 2 &&
    Object.hasOwn(sample, 'timestamp') &&
    Object.hasOwn(sample, 'message');
  return isEvent ? undefined : 'a template for a log group must be an object with timestamp and message.';
};

/** Whether a template is to become an object or a list; everything else is text. */
export const isJsonTemplate = (template: string): boolean => /^\s*[[{]/.test(template);

/**
 * Between the quotes of a string text goes in as it is. A structure goes into text without its quotes, and into JSON
 * with them: AWS does not deliver what that makes of it.
 */
const insideQuotes = (value: unknown, isText: boolean): string => {
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value);
  return isText ? json.replaceAll('"', '') : json;
};

const fillTemplate = (template: string, lookUp: (name: string) => unknown): string => {
  const isText = !isJsonTemplate(template);
  return fillPlaceholders(template, PLACEHOLDER, (name, isQuoted) => {
    const value = lookUp(name) ?? '';
    return isQuoted ? insideQuotes(value, isText) : JSON.stringify(value);
  });
};

/**
 * What the target gets: the whole event, a constant, a part of the event, or a filled template.
 *
 * A variable whose path is missing in the event is empty text.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export const renderInput = (input: TargetInput, event: EventEnvelope, facts: InvocationFacts): string => {
  if (input.input !== undefined) return input.input;
  if (input.inputPath !== undefined) return JSON.stringify(valueAt(event, input.inputPath) ?? null);
  const { transformer } = input;
  if (transformer === undefined) return JSON.stringify(event);
  return fillTemplate(transformer.template, (name) => {
    const path = memberOf(transformer.paths, name);
    return path === undefined ? reservedValue(name, event, facts) : valueAt(event, path);
  });
};
