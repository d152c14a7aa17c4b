import { makeArn } from '@holdfast/aws-model';
import type { Collection, RequestContext, ServiceEnvironment } from '@holdfast/engine';
import type { Clock, IdSource } from '@holdfast/kernel';
import type { ChangeSetRecord } from './change-set.ts';
import { Deployment } from './deployment.ts';
import type { DeploymentEnvironment } from './deployment-environment.ts';
import { validationError } from './errors.ts';
import { ResponseInbox } from './response-inbox.ts';
import { recordStackEvent } from './stack-events.ts';
import type { StackOperation, StackRecord } from './stack-record.ts';
import { type Stack, StackTable } from './stack-table.ts';
import { type ResourceTypes, resourceTypesOf } from './template/check-template.ts';
import { Templates } from './template/templates.ts';
import { Turns } from './turns.ts';

/** State shared by all operations: stacks, change sets, and the means to deploy. */
export class CloudFormationCore {
  readonly stacks: StackTable;
  readonly changeSets = new Map<string, ChangeSetRecord>();
  readonly types: ResourceTypes;
  readonly templates: Templates;
  readonly inbox = new ResponseInbox();
  readonly environment: DeploymentEnvironment;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly #storedChangeSets: Collection<ChangeSetRecord>;

  constructor({ call, deliver, digest, resourceTypes, settings, timers, store, clock, ids }: ServiceEnvironment) {
    this.types = resourceTypesOf(resourceTypes);
    this.templates = new Templates(this.types, digest);
    this.clock = clock;
    this.ids = ids;
    this.stacks = new StackTable(store);
    this.#storedChangeSets = store.collection('cloudformation.changeSets');
    for (const [id, record] of this.#storedChangeSets.entries()) this.changeSets.set(id, record);
    this.environment = {
      types: this.types,
      templates: this.templates,
      ids,
      inbox: this.inbox,
      turns: new Turns(),
      endpoint: () => settings.endpoint,
      now: () => clock.now(),
      call,
      exists: (arn) => deliver.exists(arn),
      pause: (ms) => new Promise((resolve) => timers.schedule(clock.now() + ms, () => resolve())),
      lookUpExport: (stack, exportName) =>
        this.#exporterOf(stack, exportName)?.record.outputs.find((output) => output.exportName === exportName)?.value,
      exporterOf: (stack, exportName) => this.#exporterOf(stack, exportName)?.record.stackName,
      importerOf: (stack, exportName) =>
        this.stacks
          .of(stack.record.account, stack.record.region)
          .find((other) => other !== stack && other.record.imports.includes(exportName))?.record.stackName,
    };
  }

  /** Goes on with whatever was under way when the process ended. */
  resume(): void {
    for (const stack of this.stacks.all()) if (stack.record.operation !== undefined) this.run(stack);
  }

  /** @throws ValidationError in the words of the action that asks */
  require(name: string | undefined, context: RequestContext, missing: (name: string) => string): Stack {
    const stack = name === undefined ? undefined : this.stacks.find(name, context.account, context.region);
    if (stack === undefined) throw validationError(missing(name ?? ''));
    return stack;
  }

  newStackId(stackName: string, context: RequestContext): string {
    return makeArn('cloudformation', context.region, context.account, `stack/${stackName}/${this.ids.uuid()}`);
  }

  /** Puts the stack into a state that the deployment will carry to its end, and lets it. */
  begin(stack: Stack, status: string, operation: StackOperation, changes: Partial<StackRecord> = {}): void {
    stack.change({ ...changes, status, operation, statusReason: 'User Initiated' });
    recordStackEvent(stack, this.environment);
    this.run(stack);
  }

  run(stack: Stack): void {
    void new Deployment(stack, this.environment).run().then(() => {
      if (stack.record.status === 'DELETE_COMPLETE') this.stacks.release(stack);
    });
  }

  putChangeSet(record: ChangeSetRecord): void {
    this.changeSets.set(record.changeSetId, record);
    this.#storedChangeSets.put(record.changeSetId, record);
  }

  deleteChangeSet(changeSetId: string): void {
    this.changeSets.delete(changeSetId);
    this.#storedChangeSets.delete(changeSetId);
  }

  #exporterOf(stack: Stack, exportName: string): Stack | undefined {
    return this.stacks
      .of(stack.record.account, stack.record.region)
      .find(
        (other) =>
          other !== stack &&
          other.record.status !== 'DELETE_COMPLETE' &&
          other.record.outputs.some((output) => output.exportName === exportName),
      );
  }
}
