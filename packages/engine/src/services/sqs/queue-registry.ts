import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  ForeignDataError,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { missingParameter, queueDoesNotExist } from './errors.ts';
import { Leftovers } from './leftovers.ts';
import { Queue, type QueueSurroundings } from './queue.ts';
import { type AttributeMap, differingAttribute, settingsOf } from './queue-attributes.ts';
import { queueArnOf, queueUrlOf } from './queue-names.ts';
import {
  AT_START_UP_TO,
  MESSAGES,
  openQueueStore,
  QUEUES,
  type QueueStore,
  queueNumberOf,
  type RestoredMessage,
  readHead,
  restoreMessage,
  type StoredMessageHead,
  type StoredQueue,
} from './queue-store.ts';
import { checkRedrivePolicy } from './redrive-policy.ts';

/** A name stays taken this long after its queue was deleted. */
export const DELETED_NAME_REST_MS = 60_000;

const REFERENCES_SEEN_MAX = 10_000;

const scopeOf = (account: string, region: string): string => `${region}/${account}`;

/** What a collection holds for each queue, under keys without the queue's. */
const entriesByQueue = <Entry>(
  collection: Collection<Entry>,
  queueOf: (key: string) => Queue | undefined,
): ReadonlyMap<Queue, readonly (readonly [string, Entry])[]> => {
  const byQueue = new Map<Queue, [string, Entry][]>();
  for (const [key, entry] of collection.entries()) {
    const queue = queueOf(key);
    if (queue === undefined) continue;
    const entries = byQueue.get(queue) ?? [];
    entries.push([key.slice(key.indexOf('/') + 1), entry]);
    byQueue.set(queue, entries);
  }
  return byQueue;
};

/** All queues of all accounts and regions, by ARN, and which are dead-letter queues of which. */
export class QueueRegistry implements QueueSurroundings {
  readonly environment: ServiceEnvironment;
  readonly store: QueueStore;
  readonly leftovers: Leftovers;
  readonly #byArn = new Map<string, Queue>();
  readonly #byScope = new Map<string, Map<string, Queue>>();
  readonly #sourcesOf = new Map<string, Set<Queue>>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #deletions = new Map<string, EpochMs>();
  /** What references of callers came to, so that a URL is taken apart once. */
  readonly #seen = new Map<string, { readonly queue: Queue; readonly region: string; readonly account: string }>();
  #lastKey = 0;
  /** Keys of messages that were found in the store and belong to nobody any more. */
  #found: string[] = [];

  constructor(environment: ServiceEnvironment) {
    this.environment = environment;
    this.store = openQueueStore(environment.store);
    this.leftovers = new Leftovers(environment, this.store);
    this.#readBack(environment.clock.now());
  }

  /** Takes up the work of queues that were read back. */
  resume(): void {
    const now = this.environment.clock.now();
    for (const queue of this.#byArn.values()) queue.resume(now);
    this.leftovers.leave(this.#found);
    this.#found = [];
  }

  find(arn: string): Queue | undefined {
    return this.#byArn.get(arn);
  }

  /** The queue that a caller names. @throws ServiceError QueueDoesNotExist */
  require(reference: string | undefined, context: RequestContext): Queue {
    if (reference === undefined || reference === '') throw missingParameter('QueueUrl');
    const seen = this.#seen.get(reference);
    if (seen !== undefined && seen.region === context.region && seen.account === context.account) return seen.queue;
    const queue = this.#byArn.get(queueArnOf(reference, context));
    if (queue === undefined) throw queueDoesNotExist();
    if (this.#seen.size >= REFERENCES_SEEN_MAX) this.#seen.clear();
    this.#seen.set(reference, { queue, region: context.region, account: context.account });
    return queue;
  }

  urlOf(queue: Queue, context: RequestContext): string {
    return queueUrlOf(queue, context.host, this.environment.settings);
  }

  /** Names of one account and region that start with `prefix`, in order. */
  namesOf(context: RequestContext, prefix: string): readonly string[] {
    const names = [...(this.#byScope.get(scopeOf(context.account, context.region))?.keys() ?? [])];
    return names.filter((name) => name.startsWith(prefix)).sort();
  }

  /** Queues whose redrive policy names `arn`, in order of their names. O(those queues). */
  sourcesOf(arn: string): readonly Queue[] {
    return [...(this.#sourcesOf.get(arn) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  isDeadLetterQueue(arn: string): boolean {
    return (this.#sourcesOf.get(arn)?.size ?? 0) > 0;
  }

  listenersOf(arn: string): Set<() => void> {
    let listeners = this.#listeners.get(arn);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(arn, listeners);
    }
    return listeners;
  }

  /** Tells whoever waits at a queue with a key of KMS: its messages may have become readable. */
  keysChanged(): void {
    for (const [arn, listeners] of this.#listeners) {
      if (this.#byArn.get(arn)?.attributes['KmsMasterKeyId'] === undefined) continue;
      for (const listener of [...listeners]) listener();
    }
  }

  /**
   * Creates a queue, or finds the one of that name when every given attribute equals its own.
   *
   * @throws ServiceError QueueNameExists or QueueDeletedRecently
   */
  create(
    identity: { readonly name: string; readonly account: string; readonly region: string },
    given: AttributeMap,
    attributes: AttributeMap,
    tags: Readonly<Record<string, string>>,
    now: EpochMs,
  ): Queue {
    const { name, account, region } = identity;
    const arn = makeArn('sqs', region, account, name);
    const existing = this.#byArn.get(arn);
    if (existing !== undefined) {
      const differing = differingAttribute(existing.attributes, given);
      if (differing === undefined) return existing;
      throw new ServiceError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${differing}`,
        400,
      );
    }
    const deletedAt = this.#deletions.get(arn);
    if (deletedAt !== undefined && now - deletedAt < DELETED_NAME_REST_MS) {
      throw new ServiceError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
        400,
      );
    }
    this.checkRedrive(arn, attributes);
    this.#forgetDeletion(arn);
    this.#lastKey += 1;
    const queue = this.#add(this.#lastKey.toString(36), {
      name,
      account,
      region,
      attributes,
      tags,
      createdAt: now,
      modifiedAt: now,
      purgedAt: undefined,
    });
    queue.save();
    return queue;
  }

  /** Lays changed attributes over a queue's; the caller has checked and merged them. */
  configure(queue: Queue, attributes: AttributeMap, now: EpochMs): void {
    this.checkRedrive(queue.arn, attributes);
    this.#unlinkSource(queue);
    queue.configure(attributes, now);
    this.#linkSource(queue);
  }

  delete(queue: Queue, now: EpochMs): void {
    this.#byArn.delete(queue.arn);
    this.#seen.clear();
    this.#byScope.get(scopeOf(queue.account, queue.region))?.delete(queue.name);
    this.#unlinkSource(queue);
    queue.close(now);
    if (this.#listeners.get(queue.arn)?.size === 0) this.#listeners.delete(queue.arn);
    this.#deletions.set(queue.arn, now);
    this.store.deletions.put(queue.arn, now);
    for (const [arn, deletedAt] of this.#deletions) {
      if (now - deletedAt < DELETED_NAME_REST_MS) break;
      this.#forgetDeletion(arn);
    }
  }

  /** Checks the redrive policy among `attributes` against the queues there are. @throws ServiceError */
  checkRedrive(sourceArn: string, attributes: AttributeMap): void {
    const { redrive, isFifo } = settingsOf(attributes);
    if (redrive === undefined) return;
    const target = this.#byArn.get(redrive.deadLetterTargetArn);
    checkRedrivePolicy(
      attributes['RedrivePolicy'] as string,
      redrive,
      { arn: sourceArn, isFifo },
      target && { isFifo: target.isFifo, allowPolicy: target.settings.redriveAllow },
    );
  }

  #add(key: string, stored: StoredQueue): Queue {
    const { name, account, region } = stored;
    const queue = new Queue(key, makeArn('sqs', region, account, name), stored, this);
    this.#byArn.set(queue.arn, queue);
    const scope = scopeOf(account, region);
    let names = this.#byScope.get(scope);
    if (names === undefined) {
      names = new Map();
      this.#byScope.set(scope, names);
    }
    names.set(name, queue);
    this.#linkSource(queue);
    return queue;
  }

  #linkSource(queue: Queue): void {
    const target = queue.settings.redrive?.deadLetterTargetArn;
    if (target === undefined) return;
    let sources = this.#sourcesOf.get(target);
    if (sources === undefined) {
      sources = new Set();
      this.#sourcesOf.set(target, sources);
    }
    sources.add(queue);
  }

  #unlinkSource(queue: Queue): void {
    const target = queue.settings.redrive?.deadLetterTargetArn;
    if (target === undefined) return;
    const sources = this.#sourcesOf.get(target);
    sources?.delete(queue);
    if (sources?.size === 0) this.#sourcesOf.delete(target);
  }

  #forgetDeletion(arn: string): void {
    if (this.#deletions.delete(arn)) this.store.deletions.delete(arn);
  }

  #readBack(now: EpochMs): void {
    const byKey = new Map<string, Queue>();
    for (const [key, stored] of this.store.queues.entries()) {
      byKey.set(key, this.#add(key, stored));
      this.#lastKey = Math.max(this.#lastKey, queueNumberOf(key, QUEUES));
    }
    for (const [arn, deletedAt] of this.store.deletions.entries()) this.#deletions.set(arn, deletedAt);
    this.#readMessages(byKey, now);
    const queueOf = (key: string) => byKey.get(key.slice(0, key.indexOf('/')));
    for (const [queue, entries] of entriesByQueue(this.store.deduplication, queueOf)) {
      queue.restoreDeduplication(entries);
    }
    for (const [queue, entries] of entriesByQueue(this.store.attempts, queueOf)) queue.restoreAttempts(entries);
  }

  /** Read first and put back then: the garbage collector has twice the work with a million objects linked while new. */
  #readMessages(byKey: ReadonlyMap<string, Queue>, now: EpochMs): void {
    const messages = new Map<Queue, RestoredMessage[]>();
    // Those of a queue come one after the other: what belongs to the queue is looked up when another one begins.
    let ofWhich = '';
    let queue: Queue | undefined;
    let ofQueue: RestoredMessage[] = [];
    this.store.messages.scanHeads(AT_START_UP_TO, (text, beginning, sequence) => {
      if (sequence === undefined)
        throw new ForeignDataError(MESSAGES, beginning, 'a message is named by queue and number');
      const key = beginning + sequence;
      if (beginning !== ofWhich) {
        ofWhich = beginning;
        queue = byKey.get(beginning.slice(0, -1));
        ofQueue = (queue && messages.get(queue)) ?? [];
        if (queue !== undefined) messages.set(queue, ofQueue);
      }
      if (queue === undefined || sequence <= queue.purgedThrough) {
        this.#found.push(key);
        // A new queue must not come to what a deleted one has left.
        this.#lastKey = Math.max(this.#lastKey, queueNumberOf(beginning.slice(0, -1), MESSAGES));
        return;
      }
      // Before messages were stored in today's order of members, this one was not in front.
      const head = readHead(text) ?? this.store.messages.get(key);
      ofQueue.push(restoreMessage(sequence, head as StoredMessageHead, this.store.receives.get(key)));
    });
    for (const [queue, ofQueue] of messages) for (const restored of ofQueue) queue.restore(restored, now);
  }
}
