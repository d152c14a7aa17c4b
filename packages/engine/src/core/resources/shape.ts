import type { Tag } from './tag.ts';

/**
 * What a property may hold. `json` is free data (policies, patterns); `[shape]` a list; `map` free names with values
 * of one shape; an object names every member that is modelled.
 */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'json'
  | readonly [Shape]
  | { readonly map: Shape }
  | MemberShapes;

export interface MemberShapes {
  readonly [member: string]: Shape;
}

/** Tags of most types: the one list whose members are always there. */
type TagsShape = readonly [{ readonly Key: 'string'; readonly Value: 'string' }];

interface Scalars {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly json: object;
}

/** What a resolved value of a shape is. Members of members may be missing: nobody has checked them. */
export type ValueOf<S extends Shape> = S extends keyof Scalars
  ? Scalars[S]
  : S extends TagsShape
    ? readonly Tag[]
    : S extends readonly [infer Item extends Shape]
      ? readonly ValueOf<Item>[]
      : S extends { readonly map: infer Value extends Shape }
        ? Readonly<Record<string, ValueOf<Value>>>
        : S extends MemberShapes
          ? { readonly [Member in keyof S]?: ValueOf<S[Member]> }
          : never;

/** Resolved properties of a type: what is required, by the list that its {@link ResourceType} has, is there. */
export type PropertiesOf<S extends MemberShapes, Required extends readonly (keyof S)[] = []> = {
  readonly [Member in Required[number]]: ValueOf<S[Member]>;
} & { readonly [Member in Exclude<keyof S, Required[number]>]?: ValueOf<S[Member]> };
