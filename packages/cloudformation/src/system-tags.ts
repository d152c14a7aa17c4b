import type { AnyResourceType, JsonObject, Tag } from '@holdfast/engine';
import type { StackRecord } from './stack-record.ts';

const PREFIX = 'aws:cloudformation:';

/**
 * Properties as a service is given them: with the tags by which a stack marks its resources, where the type takes them.
 * Templates, change sets and events do not show them, so they are no part of what is stored and compared.
 */
export const withSystemTags = (
  properties: JsonObject,
  type: AnyResourceType,
  { stackName, stackId }: StackRecord,
  logicalId: string,
): JsonObject => {
  if (type.hasSystemTags !== true) return properties;
  const tags: readonly Tag[] = [
    { Key: `${PREFIX}stack-name`, Value: stackName },
    { Key: `${PREFIX}logical-id`, Value: logicalId },
    { Key: `${PREFIX}stack-id`, Value: stackId },
  ];
  if (Array.isArray(type.properties['Tags'])) {
    const own = (properties['Tags'] ?? []) as unknown as readonly Tag[];
    return { ...properties, Tags: [...own, ...tags] } as unknown as JsonObject;
  }
  const byKey = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
  return { ...properties, Tags: { ...((properties['Tags'] ?? {}) as JsonObject), ...byKey } };
};
