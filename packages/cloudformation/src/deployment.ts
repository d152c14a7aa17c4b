import type { RequestContext } from '@holdfast/engine';
import {
  type AnyResourceType,
  type Json,
  type JsonObject,
  type ResourceContext,
  sameJson,
  WAIT_MAX_MS,
} from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';
import { failureReason } from './failure-reason.ts';
import { newNameSuffix, physicalName } from './physical-name.ts';
import { ResolvedTemplate } from './resolved-template.ts';
import { recordResourceEvent, recordStackEvent } from './stack-events.ts';
import { isThere, type ReplacedResource, type ResourceRecord, type StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import type { ResourceTypes } from './template/check-template.ts';
import type { DeletionPolicy } from './template/template.ts';
import type { Templates } from './template/templates.ts';

/** What a deployment reaches of the world. */
export interface DeploymentEnvironment {
  readonly types: ResourceTypes;
  readonly templates: Templates;
  readonly ids: IdSource;
  readonly endpoint: () => string;
  readonly now: () => number;
  readonly call: (service: string, action: string, input: object, context: RequestContext) => unknown;
  /** Resolves after `ms` of the engine's time. */
  readonly pause: (ms: number) => Promise<void>;
  readonly lookUpExport: (stack: Stack, exportName: string) => string | undefined;
  /** Another stack that exports a value under this name. */
  readonly exporterOf: (stack: Stack, exportName: string) => string | undefined;
  /** The stack that uses an export of `stack`; `undefined` when nobody does. */
  readonly importerOf: (stack: Stack, exportName: string) => string | undefined;
}

/** Resources of a stack could not be brought to where they should be. */
class ResourcesFailed extends Error {
  override readonly name = 'ResourcesFailed';
  readonly verb: 'create' | 'update' | 'delete';
  readonly logicalIds: readonly string[];

  constructor(verb: 'create' | 'update' | 'delete', logicalIds: readonly string[]) {
    super(`The following resource(s) failed to ${verb}: [${logicalIds.join(', ')}].`);
    this.verb = verb;
    this.logicalIds = logicalIds;
  }
}

const POLL_MS = 1_000;

/**
 * Brings a stack's resources to what its template wants, one after the other, and says so in events and status.
 *
 * ```text
 * create  ─▶ CREATE_COMPLETE             │ fails ─▶ ROLLBACK_IN_PROGRESS ─▶ ROLLBACK_COMPLETE
 * update  ─▶ …CLEANUP_IN_PROGRESS ─▶ UPDATE_COMPLETE
 *                                        │ fails ─▶ UPDATE_ROLLBACK_IN_PROGRESS ─▶ UPDATE_ROLLBACK_COMPLETE
 * delete  ─▶ DELETE_COMPLETE             │ fails ─▶ DELETE_FAILED
 * ```
 *
 * Each step is stored before the next begins, so {@link run} may be called again after a restart and goes on.
 * Differs: AWS works on independent resources at the same time; the order of events within a level is then random.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
export class Deployment {
  readonly #stack: Stack;
  readonly #environment: DeploymentEnvironment;

  constructor(stack: Stack, environment: DeploymentEnvironment) {
    this.#stack = stack;
    this.#environment = environment;
  }

  /** Carries out the stack's stored operation to its end. Never throws. */
  async run(): Promise<void> {
    const { operation } = this.#stack.record;
    switch (operation?.kind) {
      case 'create':
        return this.#create();
      case 'rollback-create':
        return this.#rollBackCreate();
      case 'update':
        return this.#update(operation.previous);
      case 'rollback-update':
        return this.#rollBackUpdate(operation.previous);
      case 'delete':
        return this.#delete(operation.retained);
      case undefined:
        return;
    }
  }

  async #create(): Promise<void> {
    try {
      await this.#converge(this.#stack.record.target, 'create');
      this.#end('CREATE_COMPLETE');
    } catch (error) {
      const reason = this.#reasonOf(error);
      if (this.#stack.record.onFailure === 'DO_NOTHING') {
        this.#end('CREATE_FAILED', reason);
      } else if (this.#stack.record.onFailure === 'DELETE') {
        this.#begin('DELETE_IN_PROGRESS', { kind: 'delete', retained: [] }, `${reason} Delete requested by user.`);
        await this.#delete([]);
      } else {
        this.#begin('ROLLBACK_IN_PROGRESS', { kind: 'rollback-create' }, `${reason} Rollback requested by user.`);
        await this.#rollBackCreate();
      }
    }
  }

  async #rollBackCreate(): Promise<void> {
    const failed = await this.#deleteAll([], (policy) => policy === 'Retain');
    if (failed.length > 0) this.#end('ROLLBACK_FAILED', new ResourcesFailed('delete', failed).message);
    else this.#end('ROLLBACK_COMPLETE');
  }

  async #update(previous: StackTarget): Promise<void> {
    try {
      await this.#converge(this.#stack.record.target, 'update');
    } catch (error) {
      const reason = this.#reasonOf(error);
      this.#begin('UPDATE_ROLLBACK_IN_PROGRESS', { kind: 'rollback-update', previous }, reason);
      return this.#rollBackUpdate(previous);
    }
    this.#status('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.#cleanUp(this.#stack.record.target);
    this.#end('UPDATE_COMPLETE');
  }

  async #rollBackUpdate(previous: StackTarget): Promise<void> {
    this.#stack.change({ target: previous });
    const discarded = this.#restoreReplaced();
    try {
      await this.#converge(previous, 'update');
    } catch (error) {
      this.#end('UPDATE_ROLLBACK_FAILED', this.#reasonOf(error));
      return;
    }
    this.#status('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    for (const resource of discarded) await this.#deleteCopy(resource);
    await this.#cleanUp(previous);
    this.#end('UPDATE_ROLLBACK_COMPLETE');
  }

  async #delete(retained: readonly string[]): Promise<void> {
    for (const { exportName } of this.#stack.record.outputs) {
      const user = exportName === undefined ? undefined : this.#environment.importerOf(this.#stack, exportName);
      if (user !== undefined) {
        this.#end('DELETE_FAILED', `Export ${exportName} cannot be deleted as it is in use by ${user}`);
        return;
      }
    }
    const failed = await this.#deleteAll(retained, (policy) => policy !== 'Delete');
    if (failed.length > 0) this.#end('DELETE_FAILED', new ResourcesFailed('delete', failed).message);
    else {
      this.#stack.change({ deletedAt: this.#environment.now(), outputs: [], imports: [] });
      this.#end('DELETE_COMPLETE');
    }
  }

  /** Creates and updates until every wanted resource is as the target says. Removals are left to the clean-up. */
  async #converge(target: StackTarget, verb: 'create' | 'update'): Promise<void> {
    const wanted = new ResolvedTemplate(this.#stack, target, this.#environment);
    for (const logicalId of wanted.order) {
      const definition = wanted.resource(logicalId);
      const type = this.#environment.types.get(definition.type) as AnyResourceType;
      const existing = this.#stack.resources.get(logicalId);
      let properties: JsonObject;
      try {
        properties = wanted.properties(logicalId, type);
      } catch (error) {
        this.#fail(logicalId, definition.type, existing, verb, error);
        throw new ResourcesFailed(verb, [logicalId]);
      }
      const plan = {
        logicalId,
        type: definition.type,
        properties,
        dependsOn: wanted.dependencies(logicalId),
        deletionPolicy: definition.deletionPolicy,
        updateReplacePolicy: definition.updateReplacePolicy,
      };
      if (!isThere(existing)) {
        await this.#createResource(type, plan, existing);
      } else if (!sameJson(existing.properties, properties) || (isHalfUpdated(existing) && type.update !== undefined)) {
        await this.#changeResource(type, plan, existing);
      } else if (existing.deletionPolicy !== plan.deletionPolicy || !sameJson(existing.dependsOn, plan.dependsOn)) {
        this.#stack.putResource({ ...existing, dependsOn: plan.dependsOn, deletionPolicy: plan.deletionPolicy });
      }
    }
    const outputs = wanted.outputs();
    this.#checkExports(outputs.flatMap(({ exportName }) => exportName ?? []));
    this.#stack.change({ outputs, imports: [...wanted.imports] });
  }

  #checkExports(names: readonly string[]): void {
    for (const name of names) {
      const other = this.#environment.exporterOf(this.#stack, name);
      if (other !== undefined) throw new Error(`Export with name ${name} is already exported by stack ${other}.`);
    }
    for (const { exportName } of this.#stack.record.outputs) {
      if (exportName === undefined || names.includes(exportName)) continue;
      const user = this.#environment.importerOf(this.#stack, exportName);
      if (user !== undefined) throw new Error(`Export ${exportName} cannot be deleted as it is in use by ${user}`);
    }
  }

  async #createResource(type: AnyResourceType, plan: ResourcePlan, existing?: ResourceRecord): Promise<void> {
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
      const state = await type.create(plan.properties, this.#contextOf(started));
      const created = { ...started, ...state, status: 'CREATE_COMPLETE' };
      recordResourceEvent(this.#stack, this.#environment, {
        ...created,
        status: 'CREATE_IN_PROGRESS',
        statusReason: 'Resource creation Initiated',
      });
      this.#stack.putResource(created);
      recordResourceEvent(this.#stack, this.#environment, created);
    } catch (error) {
      this.#fail(plan.logicalId, plan.type, started, 'create', error);
      throw new ResourcesFailed('create', [plan.logicalId]);
    }
  }

  async #changeResource(
    type: AnyResourceType,
    plan: ResourcePlan,
    existing: ResourceRecord & { physicalId: string },
  ): Promise<void> {
    try {
      if (existing.type !== plan.type) throw new Error('Update of resource type is not permitted.');
      const started: ResourceRecord & { physicalId: string } = {
        ...existing,
        status: 'UPDATE_IN_PROGRESS',
        dependsOn: plan.dependsOn,
        deletionPolicy: plan.deletionPolicy,
        at: this.#environment.now(),
      };
      if (needsReplacement(type, existing.properties, plan.properties)) {
        await this.#replace(type, plan, started);
        return;
      }
      this.#stack.putResource(started);
      recordResourceEvent(this.#stack, this.#environment, started);
      const update = type.update as NonNullable<AnyResourceType['update']>;
      const state = await update(existing, plan.properties, this.#contextOf(started));
      const updated = { ...started, ...state, properties: plan.properties, status: 'UPDATE_COMPLETE' };
      this.#stack.putResource(updated);
      recordResourceEvent(this.#stack, this.#environment, updated);
    } catch (error) {
      this.#fail(plan.logicalId, plan.type, this.#stack.resources.get(plan.logicalId), 'update', error);
      throw new ResourcesFailed('update', [plan.logicalId]);
    }
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
      throw new Error(
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${existing.physicalId} and update the stack again.`,
      );
    }
    const started = {
      ...existing,
      nameSuffix: newNameSuffix(this.#environment.ids),
      statusReason: 'Requested update requires the creation of a new physical resource; hence creating one.',
    };
    recordResourceEvent(this.#stack, this.#environment, started);
    const state = await type.create(plan.properties, this.#contextOf(started));
    const { statusReason: _, ...rest } = started;
    const updated: ResourceRecord = {
      ...rest,
      ...state,
      properties: plan.properties,
      status: 'UPDATE_COMPLETE',
      replaced: {
        physicalId: existing.physicalId,
        attributes: existing.attributes,
        properties: existing.properties,
        updateReplacePolicy: plan.updateReplacePolicy,
      },
    };
    this.#stack.putResource(updated);
    recordResourceEvent(this.#stack, this.#environment, updated);
  }

  /** Puts back what was replaced in a failed update; gives the new ones, to be deleted. */
  #restoreReplaced(): readonly ResourceRecord[] {
    const discarded: ResourceRecord[] = [];
    for (const resource of [...this.#stack.resources.values()]) {
      if (resource.replaced === undefined) continue;
      const { replaced, ...current } = resource;
      discarded.push(current);
      const { physicalId, attributes, properties } = replaced;
      this.#stack.putResource({ ...current, physicalId, attributes, properties, status: 'UPDATE_COMPLETE' });
    }
    return discarded;
  }

  /** Deletes what the target no longer wants, and what was replaced. Failures leave things behind, as on AWS. */
  async #cleanUp(target: StackTarget): Promise<void> {
    const wanted = new Set(new ResolvedTemplate(this.#stack, target, this.#environment).order);
    for (const resource of this.#deletionOrder()) {
      if (resource.replaced !== undefined) {
        const { replaced, ...current } = resource;
        if (replaced.updateReplacePolicy === 'Delete') await this.#deleteCopy({ ...current, ...replaced });
        this.#stack.putResource(current);
      }
      if (wanted.has(resource.logicalId)) continue;
      if (await this.#deleteResource(resource, (policy) => policy !== 'Delete')) {
        this.#stack.forgetResource(resource.logicalId);
      }
    }
  }

  async #deleteCopy(resource: ResourceRecord | (ResourceRecord & ReplacedResource)): Promise<void> {
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

  /** Deletes in reverse order of need; gives the logical ids that could not be deleted. */
  async #deleteAll(
    retained: readonly string[],
    keeps: (policy: DeletionPolicy) => boolean,
  ): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const resource of this.#deletionOrder()) {
      if (resource.status === 'DELETE_COMPLETE' || resource.status === 'DELETE_SKIPPED') continue;
      const isKept = retained.includes(resource.logicalId);
      if (!(await this.#deleteResource(resource, (policy) => isKept || keeps(policy)))) failed.push(resource.logicalId);
    }
    return failed;
  }

  async #deleteResource(resource: ResourceRecord, keeps: (policy: DeletionPolicy) => boolean): Promise<boolean> {
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

  #deletionOrder(): readonly ResourceRecord[] {
    const ordered: ResourceRecord[] = [];
    const seen = new Set<string>();
    const visit = (resource: ResourceRecord | undefined): void => {
      if (resource === undefined || seen.has(resource.logicalId)) return;
      seen.add(resource.logicalId);
      for (const needed of resource.dependsOn) visit(this.#stack.resources.get(needed));
      ordered.push(resource);
    };
    for (const resource of this.#stack.resources.values()) visit(resource);
    return ordered.reverse();
  }

  #contextOf(resource: ResourceRecord): ResourceContext {
    const { account, region, host, stackName } = this.#stack.record;
    const environment = this.#environment;
    return {
      account,
      region,
      stackName,
      stackId: this.#stack.id,
      logicalId: resource.logicalId,
      endpoint: environment.endpoint(),
      call: async <Output>(service: string, action: string, input: object): Promise<Output> =>
        (await environment.call(service, action, input, {
          account,
          region,
          requestId: environment.ids.uuid(),
          now: environment.now(),
          ...(host === undefined ? {} : { host }),
        })) as Output,
      generateName: (rules) => physicalName(stackName, resource, rules),
      until: async (isReady, what) => {
        for (let waitedMs = 0; !(await isReady()); waitedMs += POLL_MS) {
          if (waitedMs >= WAIT_MAX_MS) throw new Error(`Exceeded attempts to wait for ${what}`);
          await environment.pause(POLL_MS);
        }
      },
    };
  }

  #fail(
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

  #failureReason(type: string, error: unknown): string {
    if (error instanceof Error && error.constructor === Error) return error.message;
    return failureReason(error, type.split('::')[1] ?? type, this.#environment.ids);
  }

  #reasonOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
  }

  #begin(status: string, operation: StackOperationOf, reason: string): void {
    this.#stack.change({ operation });
    this.#status(status, reason);
  }

  #end(status: string, reason?: string): void {
    const { operation: _, ...rest } = this.#stack.record;
    this.#stack.record = rest;
    this.#status(status, reason);
  }

  #status(status: string, reason?: string): void {
    const { statusReason: _, ...rest } = this.#stack.record;
    this.#stack.record = rest;
    this.#stack.change({ status, ...(reason === undefined ? {} : { statusReason: reason }) });
    recordStackEvent(this.#stack, this.#environment);
  }
}

/** An update that failed or was interrupted may have changed some of the resource: it is applied once more. */
const isHalfUpdated = ({ status }: ResourceRecord): boolean =>
  status === 'UPDATE_FAILED' || status === 'UPDATE_IN_PROGRESS';

type StackOperationOf = NonNullable<Stack['record']['operation']>;

interface ResourcePlan {
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
