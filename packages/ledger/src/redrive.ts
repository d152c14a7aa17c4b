import type { Message } from '@aws-sdk/client-sqs';
import type { Random } from '@holdfast/kernel';
import { type Step, type Trace, tracesOf } from './audit.ts';
import { type Delivery, deliveryOf, MARK } from './delivery.ts';
import type { Filler } from './fillers.ts';
import type { Selection } from './selection.ts';
import { failedInvocationOf } from './way-back.ts';

/** The dead-letter queue, as a job needs it. */
export interface DeadLetterQueue {
  readonly arn: string;
  /** Up to ten messages that nobody else gets until their visibility timeout ends; none when there are none. */
  receive(visibilitySeconds: number): Promise<readonly Message[]>;
  delete(message: Message): Promise<void>;
  /** Makes them visible again. */
  release(messages: readonly Message[]): Promise<void>;
  /** Messages that came after the job began, without a receive, where whom we talk to can show them. */
  readonly arrivals?: (() => Promise<readonly Message[]>) | undefined;
}

/** How a send ended. `refused` means certainly not taken; `slow down` the same, and that it may be tried again. */
export type SendOutcome =
  | { readonly taken: true; readonly proof: string }
  | { readonly taken: false; readonly outcome: 'refused' | 'slow down' | 'unclear'; readonly error: string };

export interface Sender {
  /** Sends once; trying again is the job's, or a duplicate would have no name. */
  send(delivery: Delivery): Promise<SendOutcome>;
}

/** Keeps each step before the next is taken. */
export interface Journal {
  readonly entries: readonly Step[];
  append(step: Step): void;
}

export interface JobTime {
  now(): number;
  /** Ends early, without an error, when the signal comes. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface RedriveOptions {
  readonly jobId: string;
  readonly fillers: readonly Filler[];
  /** ARN; without it each message goes back to where it came from. */
  readonly to?: string | undefined;
  readonly selection: Selection;
  readonly perSecond: number;
  readonly max: number;
  /** So many first, then a look at what comes back. */
  readonly canary: number;
  /** After the canary, and after the last one, it is watched so long what comes back. */
  readonly watchMs: number;
  /** A larger share of what was moved that comes back stops the job. */
  readonly cameBackShareMax: number;
  /** Sends under way at once. */
  readonly concurrency: number;
  /** Finds the error of a message that says nothing itself; asked only when the selection needs it. */
  readonly errorOf?: (message: Message) => Promise<string>;
}

export interface RedrivePorts {
  readonly queue: DeadLetterQueue;
  readonly sender: Sender;
  readonly journal: Journal;
  readonly time: JobTime;
  readonly random: Random;
  readonly progress?: (result: RedriveResult) => void;
}

export interface RedriveResult {
  readonly jobId: string;
  readonly moved: number;
  readonly skipped: number;
  readonly failed: number;
  readonly cameBack: number;
  readonly state: 'running' | 'completed' | 'stopped' | 'paused';
  /** Why it was stopped. */
  readonly because?: string;
  /** Sent by a job that ended before it deleted them: deleted now, not sent again. */
  readonly alreadySent: readonly string[];
  /** Sent again, for nobody knows whether the first time arrived; or left, for nobody knows whether it did. */
  readonly possibleDuplicates: readonly string[];
  /** Messages by the reason for which they stayed. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** So many failures in a row, and the target is taken to be down. */
const FAILURES_IN_A_ROW_MAX = 10;

/** A share of fewer says nothing. */
const SHARE_OF_AT_LEAST = 10;

const THROTTLE_TRIES = 6;
const THROTTLE_PAUSE_MS = 500;
const LOOK_FOR_ARRIVALS_MS = 5_000;
const RELEASE_MAX = 10;

/** Visible again after that, should the job die. */
const VISIBILITY_SECONDS = 120;
const VISIBILITY_SECONDS_MAX = 43_200;

/** Up to a tenth of the distance: many jobs do not beat in time, and the rate stays. */
const JITTER = 0.1;

/** One redrive: receives, sends, confirms, deletes, message by message, and writes down each step before the next. */
export const redrive = (options: RedriveOptions, ports: RedrivePorts, signal: AbortSignal): Promise<RedriveResult> =>
  new Redrive(options, ports, signal).run();

class Redrive {
  readonly #options: RedriveOptions;
  readonly #ports: RedrivePorts;
  readonly #signal: AbortSignal;
  readonly #startedAt: number;
  /** What the journal knows of messages of this queue. */
  readonly #traces: Map<string, Trace>;
  /** What the targets called what was sent; it comes back by that name. */
  readonly #proofs = new Set<string>();
  readonly #cameBack = new Set<string>();
  /** Stay in the queue: kept from it until the job ends, or it would hand them out again and again. */
  readonly #held = new Map<string, Message>();
  readonly #working = new Map<string, Promise<void>>();
  readonly #reasons = new Map<string, number>();
  readonly #alreadySent: string[] = [];
  readonly #possibleDuplicates = new Set<string>();
  #moved = 0;
  #failed = 0;
  #begun = 0;
  #sends = 0;
  #failuresInARow = 0;
  #lookedAt: number;
  #stopped: string | undefined;
  #broken: unknown;

  constructor(options: RedriveOptions, ports: RedrivePorts, signal: AbortSignal) {
    this.#options = options;
    this.#ports = ports;
    this.#signal = signal;
    this.#startedAt = ports.time.now();
    this.#lookedAt = this.#startedAt;
    this.#traces = tracesOf(ports.journal.entries, ports.queue.arn);
  }

  async run(): Promise<RedriveResult> {
    const { max, canary, watchMs, to, selection, perSecond } = this.#options;
    this.#write({
      step: 'started',
      to: to ?? 'where each came from',
      selection: selection.text,
      perSecond,
      max,
      canary,
    });
    if (canary > 0) {
      await this.#drain(Math.min(canary, max));
      await this.#watch(watchMs);
      this.#judge(1);
    }
    if (this.#goesOn()) {
      await this.#drain(max);
      if (this.#moved > 0 && this.#goesOn()) await this.#watch(watchMs);
    }
    this.#judge(canary > 0 ? 1 : SHARE_OF_AT_LEAST);
    if (this.#broken !== undefined) throw this.#broken;
    await this.#release([...this.#held.values()]);
    const state = this.#stopped !== undefined ? 'stopped' : this.#signal.aborted ? 'paused' : 'completed';
    const result = this.#result(state);
    const { moved, skipped, failed, cameBack } = result;
    this.#write({ step: 'ended', state, because: this.#stopped, moved, skipped, failed, cameBack });
    return result;
  }

  #goesOn(): boolean {
    return this.#stopped === undefined && !this.#signal.aborted && this.#broken === undefined;
  }

  #write(step: Omit<Step, 'at' | 'jobId' | 'queue'>): void {
    const { journal, queue, time } = this.#ports;
    journal.append({
      ...step,
      at: new Date(time.now()).toISOString(),
      jobId: this.#options.jobId,
      queue: queue.arn,
    } as Step);
  }

  /** Takes messages on until so many have been begun, or none are left. */
  async #drain(until: number): Promise<void> {
    const { queue } = this.#ports;
    const { perSecond, concurrency } = this.#options;
    const batchSeconds = Math.ceil((10 * THROTTLE_TRIES) / Math.max(perSecond, 1 / 3_600));
    const visibilitySeconds = Math.min(VISIBILITY_SECONDS + batchSeconds, VISIBILITY_SECONDS_MAX);
    for (let emptyLooks = 0; emptyLooks < 2 && this.#begun < until && this.#goesOn(); ) {
      const messages = await queue.receive(visibilitySeconds);
      const before = this.#held.size + this.#begun;
      const kept: Message[] = [];
      for (const message of messages) {
        if (this.#begun >= until || !this.#goesOn()) kept.push(message);
        else await this.#take(message, concurrency);
      }
      await this.#release(kept);
      // One empty answer may be a server of SQS that has none; two are the end.
      emptyLooks = this.#held.size + this.#begun === before ? emptyLooks + 1 : 0;
      if (emptyLooks > 0 && this.#working.size > 0) await Promise.all(this.#working.values());
    }
    await Promise.all(this.#working.values());
  }

  /** Decides on one message, and begins to send it. */
  async #take(message: Message, concurrency: number): Promise<void> {
    const { MessageId: id = '' } = message;
    if (this.#held.has(id)) {
      this.#held.set(id, message);
      return;
    }
    if (this.#working.has(id)) return;
    if (this.#isBack(message)) {
      this.#noteBack(message);
      this.#held.set(id, message);
      this.#judge(SHARE_OF_AT_LEAST);
      return;
    }
    if (this.#traces.get(id)?.step === 'sent') {
      await this.#finish(message);
      this.#alreadySent.push(id);
      return;
    }
    const delivery = await this.#choose(message);
    if (typeof delivery === 'string') {
      this.#reasons.set(delivery, (this.#reasons.get(delivery) ?? 0) + 1);
      this.#held.set(id, message);
      return;
    }
    await this.#pace();
    if (!this.#goesOn()) {
      await this.#release([message]);
      return;
    }
    this.#begun += 1;
    const work = this.#send(message, delivery)
      .catch((error: unknown) => {
        this.#broken ??= error;
      })
      .finally(() => this.#working.delete(id));
    this.#working.set(id, work);
    if (this.#working.size >= concurrency) await Promise.race(this.#working.values());
    await this.#lookForArrivals();
    this.#ports.progress?.(this.#result('running'));
  }

  /** What is sent, or why the message stays. */
  async #choose(message: Message): Promise<Delivery | string> {
    const { selection, errorOf } = this.#options;
    const error = selection.asksForError ? await errorOf?.(message) : undefined;
    if (!selection.matches(message, error)) return 'not selected';
    const delivery = deliveryOf(message, this.#options);
    if ('reason' in delivery) return delivery.reason;
    return delivery.arn === this.#ports.queue.arn ? 'its target is the queue it lies in' : delivery;
  }

  async #pace(): Promise<void> {
    const { time, random } = this.#ports;
    const distanceMs = 1_000 / this.#options.perSecond;
    const dueAt = this.#startedAt + (this.#sends + random.nextUnit() * JITTER) * distanceMs;
    this.#sends += 1;
    if (dueAt > time.now()) await time.wait(dueAt - time.now(), this.#signal);
  }

  async #send(message: Message, delivery: Delivery): Promise<void> {
    const { MessageId: messageId = '' } = message;
    const { sender, time } = this.#ports;
    const mayBeDuplicate = this.#traces.has(messageId);
    if (mayBeDuplicate) this.#possibleDuplicates.add(messageId);
    for (let attempt = 1; ; attempt += 1) {
      this.#write({ step: 'sending', messageId, to: delivery.arn, ...(mayBeDuplicate ? { mayBeDuplicate } : {}) });
      const outcome = await sender.send(delivery);
      if (outcome.taken) {
        this.#proofs.add(outcome.proof);
        this.#write({ step: 'sent', messageId, to: delivery.arn, proof: outcome.proof });
        this.#traces.set(messageId, { step: 'sent', jobId: this.#options.jobId, proof: outcome.proof });
        await this.#finish(message);
        this.#moved += 1;
        this.#failuresInARow = 0;
        return;
      }
      const { error } = outcome;
      if (outcome.outcome === 'unclear') this.#possibleDuplicates.add(messageId);
      // What an earlier job left open stays open: that this send was refused says nothing about that one.
      this.#write({ step: outcome.outcome === 'unclear' || mayBeDuplicate ? 'unclear' : 'refused', messageId, error });
      if (outcome.outcome === 'slow down' && attempt < THROTTLE_TRIES && this.#goesOn()) {
        await time.wait(THROTTLE_PAUSE_MS * 2 ** (attempt - 1), this.#signal);
        continue;
      }
      this.#fail(message, error);
      return;
    }
  }

  #fail(message: Message, error: string): void {
    this.#failed += 1;
    this.#failuresInARow += 1;
    this.#held.set(message.MessageId ?? '', message);
    this.#reasons.set(error, (this.#reasons.get(error) ?? 0) + 1);
    if (this.#failuresInARow >= FAILURES_IN_A_ROW_MAX) {
      this.#stopped ??= `${this.#failuresInARow} sends in a row failed; the last one: ${error}`;
    }
  }

  async #finish(message: Message): Promise<void> {
    await this.#ports.queue.delete(message);
    this.#write({ step: 'deleted', messageId: message.MessageId ?? '' });
  }

  #isBack({ MessageId, Body = '', MessageAttributes = {} }: Message): boolean {
    return (
      this.#proofs.has(MessageId ?? '') ||
      MessageAttributes[MARK]?.StringValue === this.#options.jobId ||
      this.#proofs.has(MessageAttributes['RequestID']?.StringValue ?? '') ||
      (this.#proofs.size > 0 && this.#proofs.has(failedInvocationOf(Body)?.requestId ?? ''))
    );
  }

  #noteBack({ MessageId: messageId = '' }: Message): void {
    if (this.#cameBack.has(messageId)) return;
    this.#cameBack.add(messageId);
    this.#write({ step: 'came-back', messageId });
  }

  #judge(ofAtLeast: number): void {
    const share = this.#cameBack.size / Math.max(this.#moved, 1);
    if (this.#stopped !== undefined || this.#moved < ofAtLeast || share <= this.#options.cameBackShareMax) return;
    this.#stopped = `${this.#cameBack.size} of ${this.#moved} redriven messages came back`;
  }

  async #lookForArrivals(): Promise<void> {
    const { queue, time } = this.#ports;
    if (queue.arrivals === undefined || time.now() - this.#lookedAt < LOOK_FOR_ARRIVALS_MS) return;
    this.#lookedAt = time.now();
    for (const message of await queue.arrivals()) if (this.#isBack(message)) this.#noteBack(message);
    this.#judge(SHARE_OF_AT_LEAST);
  }

  /** Waits, and counts what comes back meanwhile. */
  async #watch(watchMs: number): Promise<void> {
    const { queue, time } = this.#ports;
    if (watchMs <= 0 || !this.#goesOn()) return;
    this.#ports.progress?.(this.#result('running'));
    await time.wait(watchMs, this.#signal);
    if (queue.arrivals !== undefined) {
      for (const message of await queue.arrivals()) if (this.#isBack(message)) this.#noteBack(message);
      return;
    }
    const others: Message[] = [];
    for (let received = await queue.receive(VISIBILITY_SECONDS); received.length > 0; ) {
      for (const message of received) {
        if (!this.#isBack(message)) others.push(message);
        else {
          this.#noteBack(message);
          this.#held.set(message.MessageId ?? '', message);
        }
      }
      if (others.length >= 1_000 || this.#signal.aborted) break;
      received = await queue.receive(VISIBILITY_SECONDS);
    }
    await this.#release(others.filter(({ MessageId = '' }) => !this.#held.has(MessageId)));
  }

  async #release(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RELEASE_MAX) {
      await this.#ports.queue.release(messages.slice(start, start + RELEASE_MAX));
    }
  }

  #result(state: RedriveResult['state']): RedriveResult {
    return {
      jobId: this.#options.jobId,
      moved: this.#moved,
      skipped: this.#held.size - this.#failed - [...this.#cameBack].filter((id) => this.#held.has(id)).length,
      failed: this.#failed,
      cameBack: this.#cameBack.size,
      state,
      ...(this.#stopped === undefined ? {} : { because: this.#stopped }),
      alreadySent: [...this.#alreadySent],
      possibleDuplicates: [...this.#possibleDuplicates],
      reasons: Object.fromEntries(this.#reasons),
    };
  }
}
