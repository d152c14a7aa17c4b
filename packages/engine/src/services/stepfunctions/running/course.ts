import type { Timer } from '@holdfast/kernel';
import type { Json } from '../../../core/index.ts';
import type { Program } from '../definition/program.ts';
import type { StoredExecution, Thread } from './execution.ts';

/** Inputs of threads, read once. One table for all: most executions wait, and need none. */
const inputs = new WeakMap<Thread, { readonly text: string; readonly value: Json }>();

/** An execution under way, with what need not be stored. */
export class Course {
  readonly record: StoredExecution;
  readonly program: Program;
  readonly inputText: string;
  readonly threads = new Map<number, Thread>();
  /** Threads that can go on, first come first served. */
  readonly ready: Thread[] = [];
  /** Threads that have changed, or gone, since they were stored. */
  readonly changed = new Set<number>();
  readonly timers = new Map<number, Timer>();
  /** Ends the execution when it has lasted too long. */
  timeout: Timer | undefined;
  isRunning = false;
  #input: Json | undefined;
  #items: Map<number, readonly Json[]> | undefined;

  constructor(record: StoredExecution, program: Program, inputText: string) {
    this.record = record;
    this.program = program;
    this.inputText = inputText;
  }

  get input(): Json {
    this.#input ??= JSON.parse(this.inputText) as Json;
    return this.#input;
  }

  /** Items of the maps that are being gone through, by thread. */
  get items(): Map<number, readonly Json[]> {
    this.#items ??= new Map();
    return this.#items;
  }

  /** Lets go of what can be read again: the thread will wait. */
  forget(thread: Thread): void {
    inputs.delete(thread);
    this.#input = undefined;
  }

  inputOf(thread: Thread): Json {
    let read = inputs.get(thread);
    if (read === undefined || read.text !== thread.input) {
      read = { text: thread.input, value: JSON.parse(thread.input) as Json };
      inputs.set(thread, read);
    }
    return read.value;
  }

  isOver(): boolean {
    return this.record.status !== 'RUNNING';
  }

  parentOf(thread: Thread): Thread | undefined {
    return thread.parent === undefined ? undefined : this.threads.get(thread.parent);
  }

  childrenOf(thread: Thread): Thread[] {
    return [...this.threads.values()].filter(({ parent }) => parent === thread.id).sort((a, b) => a.index - b.index);
  }

  /** Variables of a thread's level and of those around it. */
  variablesOf(thread: Thread): Readonly<Record<string, Json>> {
    const parent = this.parentOf(thread);
    return parent === undefined ? thread.variables : { ...this.variablesOf(parent), ...thread.variables };
  }

  /** The item that the nearest map around has given. */
  itemOf(thread: Thread): { readonly index: number; readonly value: Json } | undefined {
    if (thread.item !== undefined) return { index: thread.index, value: thread.item };
    const parent = this.parentOf(thread);
    return parent === undefined ? undefined : this.itemOf(parent);
  }

  push(thread: Thread): void {
    this.ready.push(thread);
    this.changed.add(thread.id);
  }

  remove(thread: Thread): void {
    this.threads.delete(thread.id);
    this.#items?.delete(thread.id);
    this.changed.add(thread.id);
    this.timers.get(thread.id)?.cancel();
    this.timers.delete(thread.id);
    const at = this.ready.indexOf(thread);
    if (at >= 0) this.ready.splice(at, 1);
  }
}
