import type { Change, ResourceChangeDetail, ResourceTargetDefinition } from '@aws-sdk/client-cloudformation';
import type { AnyResourceType } from '@holdfast/engine';
import { isObject, type Json, type JsonObject, ServiceError, sameJson } from '@holdfast/engine';
import { memberOf } from '@holdfast/kernel';
import { KNOWN_AFTER_APPLY, ResolvedTemplate, type TemplateSource } from './resolved-template.ts';
import { isThere, type ResourceRecord, type StackTarget } from './stack-record.ts';
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

/** Text with something unknown in it is unknown as a whole; secrets stay hidden. */
const shown = (value: Json, secrets: readonly string[]): Json => {
  if (typeof value === 'string') {
    if (value.includes(KNOWN_AFTER_APPLY)) return KNOWN_AFTER_APPLY;
    return secrets.some((secret) => value.includes(secret)) ? '****' : value;
  }
  if (Array.isArray(value)) return value.map((item) => shown(item as Json, secrets));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shown(member, secrets)]));
};

const secretsOf = ({ parameters }: StackTarget): readonly string[] =>
  Object.values(parameters).flatMap(({ noEcho, value }) => (noEcho && value !== '' ? [value] : []));

const context = (properties: JsonObject): string => JSON.stringify({ Properties: properties });
const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const isUnknown = (value: Json | undefined): boolean => JSON.stringify(value ?? null).includes(KNOWN_AFTER_APPLY);

/** What cannot be computed from values that are not there yet, such as a part of a list, is unknown too. */
const attempt = (compute: () => JsonObject, mayFail: boolean): JsonObject | undefined => {
  try {
    return compute();
  } catch (error) {
    if (mayFail && error instanceof ServiceError) return undefined;
    throw error;
  }
};

/** What a changed property hangs on: a parameter that changes, or a resource that is yet to be made. */
type Cause = readonly [source: 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute', entity: string];

/** One changed property, and what it hangs on. */
const detailsOf = (
  name: string,
  before: Json | undefined,
  after: Json | undefined,
  recreates: boolean,
  causes: readonly Cause[],
): ResourceChangeDetail[] => {
  const Target: ResourceTargetDefinition = {
    Attribute: name === 'Tags' ? 'Tags' : 'Properties',
    ...(name === 'Tags' ? {} : { Name: name }),
    RequiresRecreation: recreates ? 'Always' : 'Never',
    Path: `/Properties/${name}`,
    AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
    ...(before === undefined ? {} : { BeforeValue: text(before) }),
    ...(after === undefined ? {} : { AfterValue: text(after) }),
  };
  return [
    { Target, Evaluation: causes.length === 0 ? 'Static' : 'Dynamic', ChangeSource: 'DirectModification' },
    ...causes.map(
      ([ChangeSource, CausingEntity]): ResourceChangeDetail => ({
        Target,
        Evaluation: 'Static',
        ChangeSource,
        CausingEntity,
      }),
    ),
  ];
};

/**
 * Whether a reference is to a parameter that was given another value than before, or none before. What a name stands for in
 * the parameter store may have changed meanwhile; that counts as the property's own change.
 */
const parameterChanges = (before: StackTarget, after: StackTarget, name: string): boolean => {
  const value = memberOf(after.parameters, name)?.value;
  return value !== undefined && memberOf(before.parameters, name)?.value !== value;
};

/**
 * What a target would do to a stack, values included. What depends on a resource which is yet to be made is unknown, and
 * counts as changed.
 */
export const changesOf = (
  stack: Stack,
  target: StackTarget,
  types: ResourceTypes,
  source: TemplateSource,
): readonly Change[] => {
  const uncertain = new Set<string>();
  const wanted = new ResolvedTemplate(stack, target, source, (id) => uncertain.has(id));
  const secrets = secretsOf(target);
  const changes: Change[] = [];
  for (const logicalId of wanted.order) {
    const { type: typeName } = wanted.resource(logicalId);
    const type = types.get(typeName) as AnyResourceType;
    const existing = stack.resources.get(logicalId);
    const identity = { LogicalResourceId: logicalId, ResourceType: typeName };
    const actual = attempt(() => wanted.properties(logicalId, type), !isThere(existing) || uncertain.size > 0);
    const known = actual === undefined ? undefined : (shown(actual, secrets) as JsonObject);
    if (!isThere(existing)) {
      uncertain.add(logicalId);
      const values = known === undefined ? {} : { AfterContext: context(known) };
      changes.push({
        Type: 'Resource',
        ResourceChange: { Action: 'Add', ...identity, Scope: [], Details: [], ...values },
      });
      continue;
    }
    const before = shown(existing.properties, secretsOf(stack.record.target)) as JsonObject;
    const changed = actual === undefined ? [] : changedProperties(existing.properties, actual);
    if (actual !== undefined && changed.length === 0) continue;
    const recreates = (name: string): boolean => type.update === undefined || (type.createOnly ?? []).includes(name);
    const recreating = changed.filter(recreates);
    const isReplaced = recreating.some((name) => !isUnknown(actual?.[name]));
    if (isReplaced) uncertain.add(logicalId);
    const causesOf = (name: string): readonly Cause[] => {
      const { refs, attributes } = wanted.referencesIn(logicalId, name);
      const parameters = [...refs]
        .filter((ref) => parameterChanges(stack.record.target, target, ref))
        .map((ref) => ['ParameterReference', ref] as const);
      if (!isUnknown(actual?.[name])) return parameters;
      return [
        ...parameters,
        ...[...refs].filter((id) => uncertain.has(id)).map((id) => ['ResourceReference', id] as const),
        ...[...attributes]
          .filter((attribute) => uncertain.has(attribute.slice(0, attribute.indexOf('.'))))
          .map((attribute) => ['ResourceAttribute', attribute] as const),
      ];
    };
    changes.push({
      Type: 'Resource',
      ResourceChange: {
        Action: 'Modify',
        ...identity,
        PhysicalResourceId: existing.physicalId,
        ...(isReplaced
          ? {
              PolicyAction:
                wanted.policies(logicalId).updateReplacePolicy === 'Delete'
                  ? ('ReplaceAndDelete' as const)
                  : ('ReplaceAndRetain' as const),
            }
          : {}),
        Replacement: isReplaced ? 'True' : actual === undefined || recreating.length > 0 ? 'Conditional' : 'False',
        Scope: changed.length === 1 && changed[0] === 'Tags' ? ['Tags'] : ['Properties'],
        Details: changed.flatMap((name) =>
          detailsOf(name, before[name], known?.[name], recreates(name), causesOf(name)),
        ),
        BeforeContext: context(before),
        ...(known === undefined ? {} : { AfterContext: context(known) }),
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
        BeforeContext: context(
          shown(withoutReferences(stack, resource, types, source), secretsOf(stack.record.target)) as JsonObject,
        ),
      },
    });
  }
  return changes;
};

/** Of what goes, AWS shows values that are other resources' as unknown. */
const withoutReferences = (
  stack: Stack,
  { logicalId, type, properties }: ResourceRecord,
  types: ResourceTypes,
  source: TemplateSource,
): JsonObject => {
  const before = new ResolvedTemplate(stack, stack.record.target, source, () => true);
  const isKnown = before.order.includes(logicalId);
  return (
    (isKnown ? attempt(() => before.properties(logicalId, types.get(type) as AnyResourceType), true) : undefined) ??
    properties
  );
};

/** A change as it is told unless values are asked for. */
export const withoutValues = ({ ResourceChange: change, ...rest }: Change): Change => {
  if (change === undefined) return rest;
  const { BeforeContext: _before, AfterContext: _after, Replacement, Details = [], ...told } = change;
  return {
    ...rest,
    ResourceChange: {
      ...told,
      ...(Replacement === undefined ? {} : { Replacement }),
      Details: Details.filter(
        ({ Evaluation, Target }) => Evaluation !== 'Dynamic' || !isUnknown(Target?.AfterValue),
      ).map(({ Target = {}, ...detail }) => {
        const { Attribute, Name, RequiresRecreation } = Target;
        return { ...detail, Target: { Attribute, ...(Name === undefined ? {} : { Name }), RequiresRecreation } };
      }),
    },
  };
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
