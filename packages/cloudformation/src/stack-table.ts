import type { Collection, Store } from '@holdfast/engine';
import { NESTED_STACK_TYPE } from './resources/nested-stack.ts';
import type { ResourceRecord, StackEvent, StackRecord } from './stack-record.ts';

/** Events kept per stack; older ones are forgotten. */
export const EVENTS_PER_STACK_MAX = 2_000;

/** One stack with its resources and events; every change is stored. */
export class Stack {
  /** In no order that outlives the process: {@link resourcesByName} is what callers see. */
  readonly resources = new Map<string, ResourceRecord>();
  /** Oldest first. */
  readonly events: StackEvent[] = [];
  record: StackRecord;
  readonly #table: StackTable;

  constructor(record: StackRecord, table: StackTable) {
    this.record = record;
    this.#table = table;
  }

  get id(): string {
    return this.record.stackId;
  }

  /** The stack that this one is a resource of. */
  get parentId(): string | undefined {
    return this.#table.parents.get(this.id);
  }

  /** The stack that is nobody's resource, above this one. */
  get rootId(): string | undefined {
    let root = this.parentId;
    for (let above = root; above !== undefined; above = this.#table.parents.get(above)) root = above;
    return root;
  }

  /** By logical id, as AWS lists them. */
  resourcesByName(): readonly ResourceRecord[] {
    return [...this.resources.values()].sort((a, b) => (a.logicalId < b.logicalId ? -1 : 1));
  }

  change(changes: Partial<StackRecord>): void {
    this.record = { ...this.record, ...changes };
    this.#table.storedStacks.put(this.id, this.record);
  }

  putResource(resource: ResourceRecord): void {
    this.resources.set(resource.logicalId, resource);
    this.#table.noteNested(this.id, resource);
    this.#table.storedResources.put(`${this.id}#${resource.logicalId}`, { stackId: this.id, resource });
  }

  forgetResource(logicalId: string): void {
    this.resources.delete(logicalId);
    this.#table.storedResources.delete(`${this.id}#${logicalId}`);
  }

  /** Whoever sorts events by their times gets them in their order, as on AWS, where each takes its time. */
  nextEventAt(now: number): number {
    return Math.max(now, (this.events.at(-1)?.at ?? -1) + 1);
  }

  addEvent(event: Omit<StackEvent, 'sequence'>): void {
    const sequence = (this.events.at(-1)?.sequence ?? -1) + 1;
    const numbered = { ...event, sequence };
    this.events.push(numbered);
    this.#table.storedEvents.put(`${this.id}#${sequence}`, { stackId: this.id, event: numbered });
    if (this.events.length > EVENTS_PER_STACK_MAX) {
      const oldest = this.events.shift() as StackEvent;
      this.#table.storedEvents.delete(`${this.id}#${oldest.sequence}`);
    }
  }
}

/** All stacks, deleted ones included: AWS shows those by their id for 90 days. */
export class StackTable {
  readonly storedStacks: Collection<StackRecord>;
  readonly storedResources: Collection<{ stackId: string; resource: ResourceRecord }>;
  readonly storedEvents: Collection<{ stackId: string; event: StackEvent }>;
  /** Of nested stacks, by their ids. */
  readonly parents = new Map<string, string>();
  readonly #byId = new Map<string, Stack>();
  readonly #live = new Map<string, Stack>();

  constructor(store: Store) {
    this.storedStacks = store.collection('cloudformation.stacks');
    this.storedResources = store.collection('cloudformation.resources');
    this.storedEvents = store.collection('cloudformation.events');
    for (const [, record] of this.storedStacks.entries()) this.#index(new Stack(record, this));
    for (const [, { stackId, resource }] of this.storedResources.entries()) {
      this.#byId.get(stackId)?.resources.set(resource.logicalId, resource);
      this.noteNested(stackId, resource);
    }
    for (const [, { stackId, event }] of this.storedEvents.entries()) this.#byId.get(stackId)?.events.push(event);
    for (const stack of this.#byId.values()) stack.events.sort((a, b) => a.sequence - b.sequence);
  }

  noteNested(parentId: string, { type, physicalId }: ResourceRecord): void {
    if (type === NESTED_STACK_TYPE && physicalId !== undefined) this.parents.set(physicalId, parentId);
  }

  /** Finds a stack by id, or a stack that is not deleted by name. */
  find(nameOrId: string, account: string, region: string): Stack | undefined {
    if (!nameOrId.startsWith('arn:')) return this.#live.get(`${account}/${region}/${nameOrId}`);
    const stack = this.#byId.get(nameOrId);
    return stack?.record.account === account && stack.record.region === region ? stack : undefined;
  }

  add(record: StackRecord): Stack {
    const stack = new Stack(record, this);
    this.#index(stack);
    this.storedStacks.put(record.stackId, record);
    return stack;
  }

  /** Frees the name of a stack that is now deleted. */
  release(stack: Stack): void {
    const key = this.#liveKey(stack.record);
    if (this.#live.get(key) === stack) this.#live.delete(key);
  }

  all(): IterableIterator<Stack> {
    return this.#byId.values();
  }

  /** The stacks of an account, oldest first; also after a restart, which reads them in another order. */
  of(account: string, region: string): readonly Stack[] {
    return [...this.#byId.values()]
      .filter(({ record }) => record.account === account && record.region === region)
      .sort((a, b) => a.record.createdAt - b.record.createdAt || (a.id < b.id ? -1 : 1));
  }

  #index(stack: Stack): void {
    this.#byId.set(stack.id, stack);
    if (stack.record.status !== 'DELETE_COMPLETE') this.#live.set(this.#liveKey(stack.record), stack);
  }

  #liveKey({ account, region, stackName }: StackRecord): string {
    return `${account}/${region}/${stackName}`;
  }
}
