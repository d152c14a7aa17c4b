import { type EpochMs, HOUR_MS } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import { queryCodeOf } from './errors.ts';
import type { MessageContent } from './message.ts';
import type { Queue } from './queue.ts';
import type { QueueEncryption } from './queue-encryption.ts';

/** Messages per second when the caller names no rate: AWS's "system optimised" has this as its ceiling. */
export const OPTIMISED_RATE = 500;
export const ACTIVE_TASKS_MAX = 100;
export const TASKS_REMEMBERED_PER_SOURCE = 10;
export const TASK_RUN_MAX_MS = 36 * HOUR_MS;
/** Fast tasks move what is due this often. */
const STEP_MS = 100;
/** A cancelled task goes on with what it has already taken: at most this many messages or this long. */
const CANCEL_OVERSHOOT_MESSAGES = 10;
const CANCEL_OVERSHOOT_MS = 6_000;

export type MoveTaskStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

/** A redrive of a dead-letter queue; stored under its id whenever it changes. */
export interface MoveTask {
  readonly id: string;
  /** Order of starting. */
  readonly number: number;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  readonly maxPerSecond: number | undefined;
  readonly startedAt: EpochMs;
  readonly toMove: number;
  status: MoveTaskStatus;
  moved: number;
  failureReason: string | undefined;
  cancelledAt: EpochMs | undefined;
  movedWhenCancelled: number;
}

/** Where the tasks find queues. */
export interface MoveTaskQueues {
  find(arn: string): Queue | undefined;
}

/** A running task's pace: counted from its start, or from when it was resumed after a restart. */
interface Pace {
  readonly from: EpochMs;
  readonly movedBefore: number;
}

/** A message on its way. */
interface Taken {
  readonly destination: Queue;
  readonly content: MessageContent;
}

/**
 * Moves messages from dead-letter queues back to where they came from, or to another queue, at a bounded rate.
 *
 * One task runs per source queue. Messages in flight are left alone; moved messages are new ones: new id, full
 * retention, no receives. A task is done when it has moved as many as there were at its start, or finds no more.
 *
 * Differs: progress is exact here and approximate in AWS.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export class MoveTasks {
  readonly #environment: ServiceEnvironment;
  readonly #queues: MoveTaskQueues;
  readonly #stored: Collection<MoveTask>;
  /** Newest first. */
  readonly #bySource = new Map<string, MoveTask[]>();
  readonly #encryption: QueueEncryption;
  #lastNumber = 0;

  constructor(environment: ServiceEnvironment, queues: MoveTaskQueues, encryption: QueueEncryption) {
    this.#encryption = encryption;
    this.#environment = environment;
    this.#queues = queues;
    this.#stored = environment.store.collection<MoveTask>('sqs.moves');
    const tasks = [...this.#stored.entries()].map(([, task]) => ({ ...task }));
    for (const task of tasks.sort((a, b) => a.number - b.number)) this.#remember(task);
  }

  /** Goes on with what was running. */
  resume(): void {
    const now = this.#environment.clock.now();
    for (const [task] of this.#bySource.values()) {
      if (task !== undefined && isActive(task)) this.#schedule(task, { from: now, movedBefore: task.moved }, now);
    }
  }

  /** The tasks of a source queue, newest first. */
  of(sourceArn: string): readonly MoveTask[] {
    return this.#bySource.get(sourceArn) ?? [];
  }

  isRunningFor(sourceArn: string): boolean {
    return this.of(sourceArn).some(isActive);
  }

  /** Active tasks of an account. */
  activeCountOf(account: string): number {
    let count = 0;
    for (const [sourceArn, tasks] of this.#bySource) {
      if (sourceArn.split(':')[4] === account && tasks.some(isActive)) count += 1;
    }
    return count;
  }

  start(source: Queue, destinationArn: string | undefined, maxPerSecond: number | undefined, now: EpochMs): MoveTask {
    const task: MoveTask = {
      id: this.#environment.ids.uuid(),
      number: this.#lastNumber + 1,
      sourceArn: source.arn,
      destinationArn,
      maxPerSecond,
      startedAt: now,
      toMove: source.counts(now).visible,
      status: 'RUNNING',
      moved: 0,
      failureReason: undefined,
      cancelledAt: undefined,
      movedWhenCancelled: 0,
    };
    this.#remember(task);
    this.#save(task);
    this.#schedule(task, { from: now, movedBefore: 0 }, now);
    return task;
  }

  /** Asks a running task to end; it moves a few more messages before it does. */
  cancel(task: MoveTask, now: EpochMs): void {
    task.status = 'CANCELLING';
    task.cancelledAt = now;
    task.movedWhenCancelled = task.moved;
    this.#save(task);
  }

  #remember(task: MoveTask): void {
    this.#lastNumber = Math.max(this.#lastNumber, task.number);
    const tasks = this.#bySource.get(task.sourceArn) ?? [];
    tasks.unshift(task);
    for (const forgotten of tasks.splice(TASKS_REMEMBERED_PER_SOURCE)) this.#stored.delete(forgotten.id);
    this.#bySource.set(task.sourceArn, tasks);
  }

  #save(task: MoveTask): void {
    this.#stored.put(task.id, { ...task });
  }

  #schedule(task: MoveTask, pace: Pace, at: EpochMs): void {
    this.#environment.timers.schedule(at, (now) => this.#step(task, pace, now));
  }

  #step(task: MoveTask, pace: Pace, now: EpochMs): void {
    const rate = task.maxPerSecond ?? OPTIMISED_RATE;
    const due = Math.floor(((now - pace.from) * rate) / 1_000) + 1 - (task.moved - pace.movedBefore);
    this.#move(task, due, now);
    if (isActive(task) && task.cancelledAt !== undefined && now - task.cancelledAt >= CANCEL_OVERSHOOT_MS) {
      task.status = 'CANCELLED';
    }
    this.#save(task);
    if (!isActive(task)) return;
    const nextDueAt = pace.from + Math.ceil(((task.moved - pace.movedBefore) * 1_000) / rate);
    this.#schedule(task, pace, Math.max(nextDueAt, now + Math.min(STEP_MS, Math.ceil(1_000 / rate))));
  }

  #move(task: MoveTask, count: number, now: EpochMs): void {
    const moved = new Map<Queue, MessageContent[]>();
    for (let index = 0; index < count && isActive(task); index++) {
      const taken = this.#takeOne(task, now);
      if (taken === undefined) break;
      const contents = moved.get(taken.destination);
      if (contents === undefined) moved.set(taken.destination, [taken.content]);
      else contents.push(taken.content);
    }
    for (const [destination, contents] of moved) destination.redrive(contents, now);
  }

  /** Takes one message out for the queue it goes to, or ends the task. */
  #takeOne(task: MoveTask, now: EpochMs): Taken | undefined {
    const source = this.#queues.find(task.sourceArn);
    if (source === undefined) return fail(task, queryCodeOf('QueueDoesNotExist'));
    if (now - task.startedAt > TASK_RUN_MAX_MS) return fail(task, 'TaskTimedOut');
    if (task.cancelledAt !== undefined && task.moved - task.movedWhenCancelled >= CANCEL_OVERSHOOT_MESSAGES) {
      task.status = 'CANCELLED';
      return undefined;
    }
    const message = task.moved < task.toMove ? source.peek(now) : undefined;
    if (message === undefined) {
      task.status = task.cancelledAt === undefined ? 'COMPLETED' : 'CANCELLED';
      return undefined;
    }
    const content = source.contentOf(message);
    const destinationArn = task.destinationArn ?? content.deadLetterSourceArn;
    if (destinationArn === undefined) return fail(task, 'CouldNotDetermineMessageSource');
    const destination = this.#queues.find(destinationArn);
    if (destination === undefined) return fail(task, queryCodeOf('QueueDoesNotExist'));
    const refusal = this.#encryption.refusalOfPoller(source) ?? this.#encryption.refusalOfPoller(destination);
    if (refusal !== undefined) return fail(task, queryCodeOf(refusal.code));
    source.takeOut(now);
    source.metrics.received(1, now);
    source.metrics.deleted(now);
    task.moved += 1;
    if (task.moved === task.toMove) task.status = task.cancelledAt === undefined ? 'COMPLETED' : 'CANCELLED';
    return { destination, content };
  }
}

const isActive = (task: MoveTask): boolean => task.status === 'RUNNING' || task.status === 'CANCELLING';

const fail = (task: MoveTask, reason: string): undefined => {
  task.status = 'FAILED';
  task.failureReason = reason;
  return undefined;
};
