import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import type {
  BusEvent,
  Collection,
  DeliveryResult,
  RequestContext,
  Sender,
  ServiceEnvironment,
} from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { coversEvent, passesFilter } from './notification-configuration.ts';
import { busEventFor, type ObjectEvent, type RecordIds, recordFor, testEventFor } from './notification-event.ts';
import type { NotificationRule } from './stored.ts';

/** First wait after a destination refused, doubled each time. AWS documents none of these three. */
export const RETRY_BASE_DELAY_MS = SECOND_MS;
export const RETRY_MAX_DELAY_MS = 5 * MINUTE_MS;
const RETRY_BACKOFF: BackoffPolicy = {
  baseDelayMs: RETRY_BASE_DELAY_MS,
  multiplier: 2,
  maxDelayMs: RETRY_MAX_DELAY_MS,
  jitter: 'none',
};
/** A notification older than this is dropped. */
export const RETRY_MAX_AGE_MS = 24 * HOUR_MS;

type Parcel =
  | { readonly kind: NotificationRule['kind']; readonly arn: string; readonly body: string }
  | { readonly kind: 'bus'; readonly event: BusEvent };

interface PendingNotification {
  readonly parcel: Parcel;
  readonly sender: Sender;
  readonly firstAt: EpochMs;
  readonly dueAt: EpochMs;
  /** Attempts so far; attempt 1 is the one made with the write itself. */
  readonly attempts: number;
}

const SUBJECT = 'Amazon S3 Notification';

/**
 * Tells destinations what happened to objects: within the turn of the write, and again with growing delays when one
 * refuses (queue deleted, policy changed). What waits is stored, so a restart loses no notification.
 */
export class Notifier {
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<PendingNotification>;
  readonly #pending = new Map<string, PendingNotification>();
  /** Of accounts and roles: few, and needed for every record. */
  readonly #hashes = new Map<string, string>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#stored = environment.store.collection<PendingNotification>('s3.pending-notifications');
    for (const [id, pending] of this.#stored.entries()) this.#pending.set(id, pending);
  }

  /** Number of notifications that wait for another attempt. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Resumes what waited when the state was stored. */
  start(): void {
    for (const [id, { dueAt }] of this.#pending) this.#wait(id, dueAt);
  }

  announce(event: ObjectEvent, bucket: Bucket, context: RequestContext): void {
    const notification = bucket.settings.notification;
    if (notification === undefined) return;
    const sender = senderOf(bucket, context);
    for (const rule of notification.rules) {
      if (!coversEvent(rule.events, event.type) || !passesFilter(rule, event.key)) continue;
      const body = recordFor(event, bucket, rule.id, context, this.#ids);
      this.#send({ kind: rule.kind, arn: rule.arn, body }, sender, context.now);
    }
    if (notification.toEventBridge) {
      this.#send({ kind: 'bus', event: busEventFor(event, bucket, context) }, sender, context.now);
    }
  }

  /** Sends `s3:TestEvent` to the queues and topics of a configuration that has just been accepted. */
  announceTest(bucket: Bucket, context: RequestContext): void {
    const body = testEventFor(bucket, context);
    for (const { kind, arn } of bucket.settings.notification?.rules ?? []) {
      if (kind !== 'function') this.#send({ kind, arn, body }, senderOf(bucket, context), context.now);
    }
  }

  get #ids(): RecordIds {
    const { principals, digest } = this.#environment;
    return { principals, digest, hashOf: this.#hashOf };
  }

  readonly #hashOf = (name: string): string => {
    const known = this.#hashes.get(name);
    if (known !== undefined) return known;
    const hash = this.#environment.digest.sha256Hex(name);
    this.#hashes.set(name, hash);
    return hash;
  };

  #send(parcel: Parcel, sender: Sender, now: EpochMs): void {
    if (this.#deliver(parcel, sender).ok) return;
    const dueAt = now + RETRY_BASE_DELAY_MS;
    this.#keep(this.#environment.ids.uuid(), { parcel, sender, firstAt: now, dueAt, attempts: 1 });
  }

  #deliver(parcel: Parcel, sender: Sender): DeliveryResult {
    const { deliver } = this.#environment;
    switch (parcel.kind) {
      case 'queue':
        return deliver.to('queue', parcel.arn, { body: parcel.body }, sender);
      case 'topic':
        return deliver.to('topic', parcel.arn, { message: parcel.body, subject: SUBJECT }, sender);
      case 'function':
        return deliver.to('function', parcel.arn, parcel.body, sender);
      case 'bus':
        return deliver.to('bus', 'default', parcel.event, sender);
    }
  }

  #keep(id: string, pending: PendingNotification): void {
    this.#pending.set(id, pending);
    this.#stored.put(id, pending);
    this.#wait(id, pending.dueAt);
  }

  #wait(id: string, dueAt: EpochMs): void {
    this.#environment.timers.schedule(dueAt, (now) => this.#retry(id, now));
  }

  #retry(id: string, now: EpochMs): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const isOver = this.#deliver(pending.parcel, pending.sender).ok || now - pending.firstAt >= RETRY_MAX_AGE_MS;
    if (isOver) {
      this.#pending.delete(id);
      this.#stored.delete(id);
      return;
    }
    const delayMs = backoffCeilingMs(RETRY_BACKOFF, pending.attempts + 1);
    const dueAt = Math.min(now + delayMs, pending.firstAt + RETRY_MAX_AGE_MS);
    this.#keep(id, { ...pending, dueAt, attempts: pending.attempts + 1 });
  }
}

/** S3 as the sender of a bucket's notifications. */
export const senderOf = (bucket: Bucket, context: Pick<RequestContext, 'traceHeader'> = {}): Sender => ({
  principal: 's3.amazonaws.com',
  sourceArn: bucket.arn,
  sourceAccount: bucket.settings.account,
  ...(context.traceHeader === undefined ? {} : { traceHeader: context.traceHeader }),
});
