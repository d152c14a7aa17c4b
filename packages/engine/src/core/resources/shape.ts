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
