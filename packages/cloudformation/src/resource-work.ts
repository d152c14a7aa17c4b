import {
  type AnyResourceType,
  type Json,
  type JsonObject,
  type ResourceContext,
  ResourceFailure,
  type ResourceState,
  sameJson,
} from '@holdfast/engine';
import type { DeploymentEnvironment } from './deployment-environment.ts';
import { resolveReferences } from './dynamic-references.ts';
import { failureReason } from './failure-reason.ts';
import { newNameSuffix } from './physical-name.ts';
import { contextOf } from './resource-context.ts';
import { recordResourceEvent } from './stack-events.ts';
import { isThere, type ReplacedResource, type ResourceRecord } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import { withSystemTags } from './system-tags.ts';
import type { DeletionPolicy } from './template/template.ts';

/** Resources of a stack could not be brought to where they should be. */
export class ResourcesFailed extends Error {
  override readonly name = 'ResourcesFailed';
  readonly verb: 'create' | 'update' | 'delete';
  readonly logicalIds: readonly string[];

  constructor(verb: 'create' | 'update' | 'delete', logicalIds: readonly string[]) {
    super(`The following resource(s) failed to ${verb}: [${logicalIds.join(', ')}].`);
    this.verb = verb;
    this.logicalIds = logicalIds;
  }
}

/** What one resource is to become. */
export interface ResourcePlan {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
}

/** Whether a change of properties makes a new resource. */
export const needsReplacement = (type: AnyResourceType, before: JsonObject, after: JsonObject): boolean => {
  if (type.update === undefined) return !sameJson(before, after);
  const differs = (name: string): boolean => !sameJson(before[name] ?? null, (after[name] ?? null) as Json);
  return (type.createOnly ?? []).some(differs);
};

const replacedBy = (
  { physicalId, attributes, properties }: ResourceRecord & { physicalId: string },
  { updateReplacePolicy }: ResourcePlan,
): ReplacedResource => ({ physicalId, attributes, properties, updateReplacePolicy });

/** The work on single resources of a stack: calls their types, stores each step and tells it in events. */
export class ResourceWork {
  readonly #stack: Stack;
  readonly #environment: DeploymentEnvironment;

  constructor(stack: Stack, environment: DeploymentEnvironment) {
    this.#stack = stack;
    this.#environment = environment;
  }

  /** @throws ResourcesFailed */
  async create(type: AnyResourceType, plan: ResourcePlan, existing?: ResourceRecord): Promise<void> {
    const started: ResourceRecord = {
      logicalId: plan.logicalId,
      type: plan.type,
      status: 'CREATE_IN_PROGRESS',
      attributes: {},
      properties: plan.properties,
      dependsOn: plan.dependsOn,
      deletionPolicy: plan.deletionPolicy,
      // Kept across a restart, so that a creation that goes on uses the name it began with.
      nameSuffix:
        existing?.status === 'CREATE_IN_PROGRESS' ? existing.nameSuffix : newNameSuffix(this.#environment.ids),
      at: this.#environment.now(),
    };
    this.#stack.putResource(started);
    recordResourceEvent(this.#stack, this.#environment, started);
    try {
      const context = this.#contextOf(started);
      const state = await type.create(await this.#given(type, plan, context), context);
      const created = { ...started, ...state, status: 'CREATE_COMPLETE' };
      recordResourceEvent(this.#stack, this.#environment, {
        ...created,
        status: 'CREATE_IN_PROGRESS',
        statusReason: 'Resource creation Initiated',
      });
      this.#stack.putResource(created);
      recordResourceEvent(this.#stack, this.#environment, created);
    } catch (error) {
      this.fail(plan.logicalId, plan.type, started, 'create', error);
      throw new ResourcesFailed('create', [plan.logicalId]);
    }
  }

  /** Updates, or replaces where it must be. @throws ResourcesFailed */
  async change(
    type: AnyResourceType,
    plan: ResourcePlan,
    existing: ResourceRecord & { physicalId: string },
  ): Promise<void> {
    try {
      if (existing.type !== plan.type) throw new ResourceFailure('Update of resource type is not permitted.');
      const { attempted, ...known } = existing;
      const started: ResourceRecord & { physicalId: string } = {
        ...known,
        status: 'UPDATE_IN_PROGRESS',
        dependsOn: plan.dependsOn,
        deletionPolicy: plan.deletionPolicy,
        at: this.#environment.now(),
      };
      if (needsReplacement(type, existing.properties, plan.properties)) {
        await this.#replace(type, plan, started);
        return;
      }
      this.#stack.putResource({ ...started, attempted: attempted ?? plan.properties });
      recordResourceEvent(this.#stack, this.#environment, started);
      const state = await this.#update(type, plan, existing, this.#contextOf(started));
      const updated = {
        ...started,
        ...state,
        properties: plan.properties,
        status: 'UPDATE_COMPLETE',
        ...(type.mayReplaceItself === true && state.physicalId !== existing.physicalId
          ? { replaced: replacedBy(existing, plan) }
          : {}),
      };
      this.#stack.putResource(updated);
      recordResourceEvent(this.#stack, this.#environment, updated);
    } catch (error) {
      this.fail(plan.logicalId, plan.type, this.#stack.resources.get(plan.logicalId), 'update', error);
      throw new ResourcesFailed('update', [plan.logicalId]);
    }
  }

  /**
   * What failed half-way can only be put back by an update from where it was to go. That in turn may have to take away what was never
   * made, and fail; then from where it was, as far as is known.
   */
  async #update(
    type: AnyResourceType,
    plan: ResourcePlan,
    existing: ResourceRecord & { physicalId: string },
    context: ResourceContext,
  ): Promise<ResourceState> {
    const update = type.update as NonNullable<AnyResourceType['update']>;
    const wanted = await this.#given(type, plan, context);
    const from = async (properties: JsonObject): Promise<ResourceState> => {
      const before = await this.#given(type, { logicalId: plan.logicalId, properties }, context);
      return await update({ ...existing, properties: before }, wanted, context);
    };
    const { attempted } = existing;
    if (attempted !== undefined && !sameJson(attempted, plan.properties)) {
      try {
        return await from(attempted);
      } catch (error) {
        // Whose update is the user's own code is not asked twice.
        if (type.mayReplaceItself === true) throw error;
      }
    }
    return await from(existing.properties);
  }

  async #replace(
    type: AnyResourceType,
    plan: ResourcePlan,
    existing: ResourceRecord & { physicalId: string },
  ): Promise<void> {
    const { nameProperty } = type;
    if (
      nameProperty !== undefined &&
      plan.properties[nameProperty] !== undefined &&
      plan.properties[nameProperty] === existing.properties[nameProperty]
    ) {
      throw new ResourceFailure(
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${existing.physicalId} and update the stack again.`,
      );
    }
    const started = {
      ...existing,
      nameSuffix: newNameSuffix(this.#environment.ids),
      statusReason: 'Requested update requires the creation of a new physical resource; hence creating one.',
    };
    recordResourceEvent(this.#stack, this.#environment, started);
    const context = this.#contextOf(started);
    const state = await type.create(await this.#given(type, plan, context), context);
    const { statusReason: _, ...rest } = started;
    recordResourceEvent(this.#stack, this.#environment, {
      ...rest,
      ...state,
      properties: plan.properties,
      statusReason: 'Resource creation Initiated',
    });
    const updated: ResourceRecord = {
      ...rest,
      ...state,
      properties: plan.properties,
      status: 'UPDATE_COMPLETE',
      replaced: replacedBy(existing, plan),
    };
    this.#stack.putResource(updated);
    recordResourceEvent(this.#stack, this.#environment, updated);
  }

  /** Tells that a replaced resource is left behind. */
  skipCopy(resource: ResourceRecord & ReplacedResource): void {
    recordResourceEvent(this.#stack, this.#environment, { ...resource, status: 'DELETE_SKIPPED' });
  }

  /** Deletes what is no longer the stack's: a replaced resource. */
  async deleteCopy(resource: ResourceRecord | (ResourceRecord & ReplacedResource)): Promise<void> {
    const type = this.#environment.types.get(resource.type) as AnyResourceType;
    recordResourceEvent(this.#stack, this.#environment, { ...resource, status: 'DELETE_IN_PROGRESS' });
    try {
      await type.delete({ ...resource, physicalId: resource.physicalId as string }, this.#contextOf(resource));
      recordResourceEvent(this.#stack, this.#environment, { ...resource, status: 'DELETE_COMPLETE' });
    } catch (error) {
      recordResourceEvent(this.#stack, this.#environment, {
        ...resource,
        status: 'DELETE_FAILED',
        statusReason: this.#failureReason(resource.type, error),
      });
    }
  }

  /** Whether the resource is gone, or left behind on purpose. */
  async delete(resource: ResourceRecord, keeps: (policy: DeletionPolicy) => boolean): Promise<boolean> {
    const type = this.#environment.types.get(resource.type) as AnyResourceType;
    const at = this.#environment.now();
    if (!isThere(resource)) {
      this.#stack.putResource({ ...resource, status: 'DELETE_COMPLETE', at });
      return true;
    }
    if (keeps(resource.deletionPolicy)) {
      const skipped = { ...resource, status: 'DELETE_SKIPPED', at };
      this.#stack.putResource(skipped);
      recordResourceEvent(this.#stack, this.#environment, skipped);
      return true;
    }
    const started = { ...resource, status: 'DELETE_IN_PROGRESS', at };
    this.#stack.putResource(started);
    recordResourceEvent(this.#stack, this.#environment, started);
    try {
      await type.delete(resource, this.#contextOf(resource));
      const { statusReason: _, ...rest } = started;
      const deleted = { ...rest, status: 'DELETE_COMPLETE' };
      this.#stack.putResource(deleted);
      recordResourceEvent(this.#stack, this.#environment, deleted);
      return true;
    } catch (error) {
      const failed = { ...started, status: 'DELETE_FAILED', statusReason: this.#failureReason(resource.type, error) };
      this.#stack.putResource(failed);
      recordResourceEvent(this.#stack, this.#environment, failed);
      return false;
    }
  }

  /** Records that a resource could not be brought to where it should be. */
  fail(
    logicalId: string,
    type: string,
    existing: ResourceRecord | undefined,
    verb: 'create' | 'update',
    error: unknown,
  ): void {
    const failed: ResourceRecord = {
      ...(existing ?? {
        logicalId,
        type,
        attributes: {},
        properties: {},
        dependsOn: [],
        deletionPolicy: 'Delete',
        nameSuffix: newNameSuffix(this.#environment.ids),
      }),
      status: verb === 'create' ? 'CREATE_FAILED' : 'UPDATE_FAILED',
      statusReason: this.#failureReason(type, error),
      at: this.#environment.now(),
    };
    this.#stack.putResource(failed);
    recordResourceEvent(this.#stack, this.#environment, failed);
  }

  /** What a type is handed of the properties of a resource. */
  async #given(
    type: AnyResourceType,
    { properties, logicalId }: Pick<ResourcePlan, 'properties' | 'logicalId'>,
    { call }: ResourceContext,
  ): Promise<JsonObject> {
    return withSystemTags(await resolveReferences(properties, call), type, this.#stack.record, logicalId);
  }

  #contextOf(resource: ResourceRecord): ResourceContext {
    return contextOf(resource, this.#stack, this.#environment);
  }

  #failureReason(type: string, error: unknown): string {
    if (error instanceof ResourceFailure) return error.message;
    return failureReason(error, type.split('::')[1] ?? type, this.#environment.ids);
  }
}
