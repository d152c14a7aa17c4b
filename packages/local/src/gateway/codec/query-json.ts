import { membersOf, type Shape } from './shape.ts';

/** Turns a value into what `JSON.stringify` takes. */
export type QueryJsonWriter = (value: unknown) => unknown;

/** Two lists have older names in this form than in the model. */
const OLDER_NAMES: Readonly<Record<string, string>> = { Messages: 'messages', QueueUrls: 'queueUrls' };

const wireNameOf = (member: Shape, otherwise: string): string =>
  String((member.getMemberTraits() as { xmlName?: string }).xmlName ?? otherwise);

/**
 * Compiles shapes for the JSON that the Query protocol of SQS answers to whoever accepts it (API Gateway, axios):
 * members in alphabetical order, `null` for those that are missing, maps as lists of names and values.
 *
 * AWS does not document it. Shapes that contain themselves do not occur in SQS and would not end here.
 */
export const queryJsonWriter = (shape: Shape): QueryJsonWriter => {
  if (shape.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString('base64');
  if (shape.isListSchema()) {
    const item = queryJsonWriter(shape.getValueSchema() as Shape);
    return (value) => (value as readonly unknown[]).map(item);
  }
  if (shape.isMapSchema()) {
    const keyName = wireNameOf(shape.getKeySchema() as Shape, 'key');
    const valueShape = shape.getValueSchema() as Shape;
    const valueName = wireNameOf(valueShape, 'value');
    const write = queryJsonWriter(valueShape);
    return (value) =>
      Object.entries(value as object).map(([key, entry]) => ({ [keyName]: key, [valueName]: write(entry) }));
  }
  if (shape.isStructSchema()) {
    const members = membersOf(shape)
      .map(([name, member]) => ({ name, wireName: OLDER_NAMES[name] ?? name, write: queryJsonWriter(member) }))
      .sort((a, b) => (a.wireName < b.wireName ? -1 : 1));
    return (value) =>
      Object.fromEntries(
        members.map(({ name, wireName, write }) => {
          const member = (value as Record<string, unknown>)[name];
          return [wireName, member === undefined || member === null ? null : write(member)];
        }),
      );
  }
  return (value) => value;
};
