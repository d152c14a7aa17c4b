import type { AnyResourceType, Json, JsonObject, Tag } from '@holdfast/engine';
import { memberOf } from '@holdfast/kernel';
import { availabilityZones } from './availability-zones.ts';
import { validationError } from './errors.ts';
import { coerce } from './shape.ts';
import type { StackOutput, StackRecord, StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import { evaluateConditions } from './template/conditions.ts';
import { dependenciesOf, dependencyOrder } from './template/dependency-order.ts';
import { eachCall, Resolver, referencesOf } from './template/intrinsics.ts';
import { type DeletionPolicy, policyOf, type Template, type TemplateResource } from './template/template.ts';
import type { Templates } from './template/templates.ts';

/** Finds the value of an export of the stack's account and region. */
export type ExportLookup = (stack: Stack, exportName: string) => string | undefined;

/** What a target is resolved with. */
export interface TemplateSource {
  readonly templates: Templates;
  readonly lookUpExport: ExportLookup;
}

type StackIdentity = Pick<StackRecord, 'account' | 'region' | 'stackId' | 'stackName'>;

/** What conditions, and with them everything else, are computed from. */
const scopeOf = (template: Template, parameters: StackTarget['parameters'], stack: StackIdentity) => {
  const pseudo: Readonly<Record<string, Json>> = {
    'AWS::AccountId': stack.account,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': stack.region,
    'AWS::StackId': stack.stackId,
    'AWS::StackName': stack.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return {
    mappings: template.mappings,
    parameter: (name: string) => memberOf(parameters, name)?.resolved ?? memberOf(pseudo, name),
    zones: availabilityZones,
  };
};

/** Which conditions of a template hold. A stack that is not there yet has no id. */
export const conditionsOf = (
  template: Template,
  parameters: StackTarget['parameters'],
  stack: StackIdentity,
): Readonly<Record<string, boolean>> => evaluateConditions(template.conditions, scopeOf(template, parameters, stack));

/** Thrown where a value hangs on a resource that is not made yet. */
class NotYet extends Error {}

const notYet = (): never => {
  throw new NotYet();
};

/**
 * Works out what wanted resources and outputs say by functions, as far as that hangs on parameters alone.
 *
 * @throws ServiceError ValidationError naming the first key that a mapping has not, or place that a list has not
 */
export const checkFunctions = (
  template: Template,
  parameters: StackTarget['parameters'],
  stack: StackIdentity,
  holds: (condition: string) => boolean,
): void => {
  const resolver = new Resolver({
    ...scopeOf(template, parameters, stack),
    condition: holds,
    ref: notYet,
    attribute: notYet,
    importValue: notYet,
  });
  for (const { condition, ...stated } of [...template.resources.values(), ...Object.values(template.outputs)]) {
    if (condition !== undefined && !holds(condition)) continue;
    const value = 'properties' in stated ? stated.properties : stated.value;
    eachCall(value, holds, (_, call) => {
      try {
        resolver.resolve(call);
      } catch (error) {
        if (!(error instanceof NotYet)) throw error;
      }
    });
  }
};

/** How change sets show a value that is not there yet. */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** A template in the light of one stack: which resources it wants, in which order, with which properties. */
export class ResolvedTemplate {
  readonly template: Template;
  /** Logical ids of the resources whose condition holds, each after what it needs. */
  readonly order: readonly string[];
  /** Exports of other stacks that were read. */
  readonly imports = new Set<string>();
  readonly #target: StackTarget;
  readonly #resolver: Resolver;
  readonly #conditions: Readonly<Record<string, boolean>>;

  /** What is only known once it is made, by `isUnknown`, reads {@link KNOWN_AFTER_APPLY}. */
  constructor(
    stack: Stack,
    target: StackTarget,
    { templates, lookUpExport }: TemplateSource,
    isUnknown: (logicalId: string) => boolean = () => false,
  ) {
    this.#target = target;
    this.template = templates.load(target.templateBody);
    const base = scopeOf(this.template, target.parameters, stack.record);
    this.#conditions = evaluateConditions(this.template.conditions, base);
    this.#resolver = new Resolver({
      ...base,
      condition: (name) => memberOf(this.#conditions, name) === true,
      ref: (logicalId) => (isUnknown(logicalId) ? KNOWN_AFTER_APPLY : stack.resources.get(logicalId)?.physicalId),
      attribute: (logicalId, attribute) =>
        isUnknown(logicalId)
          ? KNOWN_AFTER_APPLY
          : memberOf(stack.resources.get(logicalId)?.attributes ?? {}, attribute),
      importValue: (exportName) => {
        const value = lookUpExport(stack, exportName);
        if (value === undefined) throw validationError(`No export named ${exportName} found.`);
        this.imports.add(exportName);
        return value;
      },
    });
    this.order = dependencyOrder(this.template.resources).filter((logicalId) => this.#wants(this.resource(logicalId)));
  }

  resource(logicalId: string): TemplateResource {
    return this.template.resources.get(logicalId) as TemplateResource;
  }

  /** What becomes of a resource that is no longer wanted, and of one that was replaced. */
  policies(logicalId: string): {
    readonly deletionPolicy: DeletionPolicy;
    readonly updateReplacePolicy: DeletionPolicy;
  } {
    const { deletionPolicy, updateReplacePolicy } = this.resource(logicalId);
    const resolved = (name: string, policy: Json) => policyOf(logicalId, name, this.#resolver.resolve(policy));
    return {
      deletionPolicy: resolved('DeletionPolicy', deletionPolicy),
      updateReplacePolicy: resolved('UpdateReplacePolicy', updateReplacePolicy),
    };
  }

  /** Dependencies that are part of the stack. */
  dependencies(logicalId: string): readonly string[] {
    return [...dependenciesOf(this.resource(logicalId))].filter((needed) => this.order.includes(needed));
  }

  /** Properties with intrinsics computed, types coerced, and the stack's tags added where the type takes tags. */
  properties(logicalId: string, type: AnyResourceType): JsonObject {
    const resolved = (this.#resolver.resolve(this.resource(logicalId).properties) ?? {}) as JsonObject;
    return withStackTags(coerce(type.properties, resolved) as JsonObject, type, this.#target.tags);
  }

  /** Resources (`Topic`) and their attributes (`Topic.TopicName`) that a property refers to. */
  referencesIn(logicalId: string, property: string) {
    return referencesOf((this.resource(logicalId).properties as JsonObject)[property] ?? null);
  }

  outputs(): readonly StackOutput[] {
    return Object.entries(this.template.outputs)
      .filter(([, { condition }]) => condition === undefined || this.#conditions[condition] === true)
      .map(([key, { value, description, exportName }]) => {
        const resolved = this.#resolver.resolve(value);
        const name = exportName === undefined ? undefined : this.#resolver.resolve(exportName);
        if (typeof resolved === 'object') {
          throw validationError(
            `Template format error: The Value field of every Outputs member must evaluate to a String.`,
          );
        }
        return {
          key,
          value: String(resolved ?? ''),
          ...(description === undefined ? {} : { description }),
          ...(name === undefined ? {} : { exportName: String(name) }),
        };
      });
  }

  #wants({ condition }: TemplateResource): boolean {
    return condition === undefined || this.#conditions[condition] === true;
  }
}

/** A tag of the resource wins over one of the stack with the same key. */
const withStackTags = (properties: JsonObject, type: AnyResourceType, stackTags: readonly Tag[]): JsonObject => {
  const shape = type.properties['Tags'];
  if (shape === undefined || stackTags.length === 0) return properties;
  if (!Array.isArray(shape)) {
    const fromStack = Object.fromEntries(stackTags.map(({ Key, Value }) => [Key, Value]));
    return { ...properties, Tags: { ...fromStack, ...((properties['Tags'] ?? {}) as JsonObject) } };
  }
  const own = (properties['Tags'] ?? []) as unknown as readonly Tag[];
  const added = stackTags.filter(({ Key }) => !own.some((tag) => tag.Key === Key));
  return { ...properties, Tags: [...own, ...added].map(({ Key, Value }) => ({ Key, Value })) };
};
