import { type AnyResourceType, type JsonObject, sameJson } from '@holdfast/engine';
import type { DeploymentEnvironment } from './deployment-environment.ts';
import { ResolvedTemplate } from './resolved-template.ts';
import { ResourcesFailed, ResourceWork } from './resource-work.ts';
import { recordStackEvent } from './stack-events.ts';
import { isThere, type ResourceRecord, type StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import type { DeletionPolicy } from './template/template.ts';

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
  readonly #work: ResourceWork;

  constructor(stack: Stack, environment: DeploymentEnvironment) {
    this.#stack = stack;
    this.#environment = environment;
    this.#work = new ResourceWork(stack, environment);
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
        // What is rolled back counts as deleted from now on, though its name is taken.
        this.#stack.change({ deletedAt: this.#environment.now() });
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
    for (const resource of discarded) await this.#work.deleteCopy(resource);
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
      // Its outputs can still be read by its id.
      this.#stack.change({ deletedAt: this.#environment.now(), imports: [] });
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
      let policies: ReturnType<ResolvedTemplate['policies']>;
      try {
        properties = wanted.properties(logicalId, type);
        policies = wanted.policies(logicalId);
      } catch (error) {
        this.#work.fail(logicalId, definition.type, existing, verb, error);
        throw new ResourcesFailed(verb, [logicalId]);
      }
      const plan = {
        logicalId,
        type: definition.type,
        properties,
        dependsOn: wanted.dependencies(logicalId),
        ...policies,
      };
      if (!isThere(existing)) {
        await this.#work.create(type, plan, existing);
      } else if (!sameJson(existing.properties, properties) || (isHalfUpdated(existing) && type.update !== undefined)) {
        await this.#work.change(type, plan, existing);
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
        if (replaced.updateReplacePolicy === 'Delete') await this.#work.deleteCopy({ ...current, ...replaced });
        else this.#work.skipCopy({ ...current, ...replaced });
        this.#stack.putResource(current);
      }
      if (wanted.has(resource.logicalId)) continue;
      if (await this.#work.delete(resource, (policy) => policy !== 'Delete')) {
        this.#stack.forgetResource(resource.logicalId);
      }
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
      if (!(await this.#work.delete(resource, (policy) => isKept || keeps(policy)))) failed.push(resource.logicalId);
    }
    return failed;
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
