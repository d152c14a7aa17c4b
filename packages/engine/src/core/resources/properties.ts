import { makeArn } from '@holdfast/aws-model';
import type { ResourceContext } from './resource-type.ts';
import type { Shape } from './shape.ts';
import type { Tag } from './tag.ts';

/** Shape of the `Tags` of most types. */
export const TAGS = [{ Key: 'string', Value: 'string' }] as const satisfies Shape;

/** The members of `names` that carry a value: most CloudFormation properties are named like the API's members. */
export const pick = <Properties extends object, Name extends keyof Properties>(
  properties: Properties,
  ...names: readonly Name[]
): Partial<Pick<Properties, Name>> =>
  Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  ) as Partial<Pick<Properties, Name>>;

/** Tags as the map that some services want. */
export const tagMap = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

/** What to set and what to remove to get from one set of tags to another. */
export const tagChanges = (
  before: readonly Tag[] | undefined,
  after: readonly Tag[] | undefined,
): { readonly set: readonly Tag[]; readonly removed: readonly string[] } => {
  const [old, wanted] = [tagMap(before), tagMap(after)];
  return {
    set: (after ?? []).filter(({ Key, Value }) => old[Key] !== Value),
    removed: Object.keys(old).filter((key) => wanted[key] === undefined),
  };
};

/** An ARN in the resource's account and region. */
export const arnIn = (context: ResourceContext, service: string, resource: string): string =>
  makeArn(service, context.region, context.account, resource);

/** A policy document as the text that APIs take. */
export const documentText = (document: unknown): string =>
  typeof document === 'string' ? document : JSON.stringify(document);
