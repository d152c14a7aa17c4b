export { isMissing, unlessMissing } from './missing.ts';
export { arnIn, documentText, pick, TAGS, tagChanges, tagMap } from './properties.ts';
export {
  type AnyResourceType,
  type DeploymentPlace,
  type ExistingResource,
  type NameRules,
  type ResourceContext,
  ResourceFailure,
  type ResourceState,
  type ResourceType,
  WAIT_MAX_MS,
} from './resource-type.ts';
export type { MemberShapes, PropertiesOf, Shape, ValueOf } from './shape.ts';
export type { Tag } from './tag.ts';
