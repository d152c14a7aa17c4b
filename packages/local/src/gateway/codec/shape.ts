import { NormalizedSchema } from '@smithy/core/schema';

/** A shape of a service's model, as the SDK packages carry it at run time. */
export type Shape = NormalizedSchema;

export const shapeOf = (schema: unknown): Shape =>
  NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);

export const membersOf = (shape: Shape): [string, Shape][] =>
  shape.isStructSchema() ? [...(shape.structIterator() as Iterable<[string, Shape]>)] : [];

/**
 * What two references to the same shape share; traits of the member that refers to it are not part of it.
 * Codecs are compiled once per identity, which also ends recursion (an attribute value holds attribute values).
 */
export const identityOf = (shape: Shape): unknown => shape.getSchema();

/** What a member is called in a document. */
export type WireName = (name: string, member: Shape) => string;

/** By the name that the model has for JSON, where it has one: API Gateway's members begin with a small letter there. */
export const jsonNameOf: WireName = (name, member) => {
  const { jsonName } = member.getMergedTraits();
  return typeof jsonName === 'string' ? jsonName : name;
};

export const ownNameOf: WireName = (name) => name;

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** Format named by the model, or the one the protocol uses there. */
export const timestampFormatOf = (shape: Shape, otherwise: TimestampFormat): TimestampFormat => {
  switch (shape.getSchema() as unknown) {
    case 5:
      return 'date-time';
    case 6:
      return 'http-date';
    case 7:
      return 'epoch-seconds';
    default:
      return otherwise;
  }
};

export const timestampText = (date: Date, format: TimestampFormat): string => {
  if (format === 'http-date') return date.toUTCString();
  return format === 'date-time' ? date.toISOString() : String(date.getTime() / 1000);
};

/** Reads any of the three formats: clients are sloppy, and the texts cannot be confused. */
export const parseTimestamp = (value: string | number): Date | undefined => {
  const seconds = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  const date = new Date(Number.isNaN(seconds) ? Date.parse(String(value)) : Math.round(seconds * 1000));
  return Number.isNaN(date.getTime()) ? undefined : date;
};
