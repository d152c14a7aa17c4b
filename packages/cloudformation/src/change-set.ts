import type { Change } from '@aws-sdk/client-cloudformation';
import type { AnyResourceType } from '@holdfast/engine';
import { type JsonObject, sameJson } from '@holdfast/engine';
import { ResolvedTemplate, type TemplateSource } from './resolved-template.ts';
import { needsReplacement } from './resource-work.ts';
import { isThere, type StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import type { ResourceTypes } from './template/check-template.ts';

/** A change set as it is stored. */
export interface ChangeSetRecord {
  readonly changeSetId: string;
  readonly changeSetName: string;
  readonly stackId: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason?: string;
  readonly executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_IN_PROGRESS' | 'EXECUTE_COMPLETE' | 'OBSOLETE';
  readonly description?: string;
  readonly target: StackTarget;
  readonly changes: readonly Change[];
  readonly onStackFailure?: string;
  readonly createdAt: number;
}

const changedProperties = (before: JsonObject, after: JsonObject): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !sameJson(before[name] ?? null, after[name] ?? null),
  );

/**
 * What a target would do to a stack. Properties that depend on a resource which is yet to be made count as changed.
 *
 * Differs: whether a referring resource is replaced is judged from the ids known now; AWS says `Conditional`.
 */
export const changesOf = (
  stack: Stack,
  target: StackTarget,
  types: ResourceTypes,
  source: TemplateSource,
): readonly Change[] => {
  const wanted = new ResolvedTemplate(stack, target, source);
  const changes: Change[] = [];
  const uncertain = new Set<string>();
  for (const logicalId of wanted.order) {
    const { type: typeName } = wanted.resource(logicalId);
    const type = types.get(typeName) as AnyResourceType;
    const existing = stack.resources.get(logicalId);
    if (!isThere(existing)) {
      uncertain.add(logicalId);
      changes.push({
        Type: 'Resource',
        ResourceChange: { Action: 'Add', LogicalResourceId: logicalId, ResourceType: typeName, Scope: [], Details: [] },
      });
      continue;
    }
    const known = wanted.refersTo(logicalId, (id) => uncertain.has(id))
      ? undefined
      : wanted.properties(logicalId, type);
    const changed = known === undefined ? [] : changedProperties(existing.properties, known);
    if (known !== undefined && changed.length === 0) continue;
    const isReplaced = known !== undefined && needsReplacement(type, existing.properties, known);
    if (isReplaced) uncertain.add(logicalId);
    changes.push({
      Type: 'Resource',
      ResourceChange: {
        Action: 'Modify',
        LogicalResourceId: logicalId,
        PhysicalResourceId: existing.physicalId,
        ResourceType: typeName,
        Replacement: isReplaced ? 'True' : known === undefined ? 'Conditional' : 'False',
        Scope: changed.length === 1 && changed[0] === 'Tags' ? ['Tags'] : ['Properties'],
        Details: changed.map((Name) => ({
          Target: {
            Attribute: Name === 'Tags' ? 'Tags' : 'Properties',
            ...(Name === 'Tags' ? {} : { Name }),
            RequiresRecreation: isReplaced ? 'Always' : 'Never',
          },
          Evaluation: 'Static',
          ChangeSource: 'DirectModification',
        })),
      },
    });
  }
  for (const resource of stack.resources.values()) {
    if (!isThere(resource) || wanted.order.includes(resource.logicalId)) continue;
    changes.push({
      Type: 'Resource',
      ResourceChange: {
        Action: 'Remove',
        PolicyAction: resource.deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
        LogicalResourceId: resource.logicalId,
        PhysicalResourceId: resource.physicalId,
        ResourceType: resource.type,
        Scope: [],
        Details: [],
      },
    });
  }
  return changes;
};

/** Whether two targets end in the same stack, resources aside. */
const sameOutside = (stack: Stack, target: StackTarget, source: TemplateSource): boolean => {
  try {
    return sameJson(new ResolvedTemplate(stack, target, source).outputs(), stack.record.outputs);
  } catch {
    return false;
  }
};

/** Whether an update to `target` would leave everything as it is. */
export const isUnchanged = (
  stack: Stack,
  target: StackTarget,
  changes: readonly Change[],
  source: TemplateSource,
): boolean =>
  changes.length === 0 && sameJson(stack.record.target.tags, target.tags) && sameOutside(stack, target, source);
