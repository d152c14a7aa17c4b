import type { Message } from '@aws-sdk/client-sqs';
import { Comebacks } from './comebacks.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { Pacing } from './pacing.ts';
import type { RedriveOptions, RedrivePorts, RedriveResult } from './redrive-ports.ts';
import { Sending, stepWriter, THROTTLE_TRIES, type WriteStep } from './sending.ts';
import { Staying } from './staying.ts';
import { UnderWay } from './under-way.ts';
import { Wanted } from './wanted.ts';

/** So many failures in a row, and the target is taken to be down. */
const FAILURES_IN_A_ROW_MAX = 10;

/** A share of fewer says nothing. */
const SHARE_OF_AT_LEAST = 10;

const LOOK_FOR_ARRIVALS_MS = 5_000;
const RELEASE_MAX = 10;

/** Visible again after that, should the job die. */
const VISIBILITY_SECONDS = 120;
const VISIBILITY_SECONDS_MAX = 43_200;

/** Why what nobody saw of a FIFO queue stays. */
const BEHIND = 'behind ten messages of its group that stay: a FIFO queue shows no later one';

/** A target that takes things in order must not get a later one of a group before an earlier one. */
const keepsOrder = (arn: string): boolean => arn.endsWith('.fifo');

/** One run of a job: receives, decides what becomes of each message and how fast, and stops when too much fails or comes back. */
export const redrive = (options: RedriveOptions, ports: RedrivePorts, signal: AbortSignal): Promise<RedriveResult> =>
  new Redrive(options, ports, signal).run();

class Redrive {
  readonly #options: RedriveOptions;
  readonly #ports: RedrivePorts;
  readonly #wanted: Wanted;
  readonly #write: WriteStep;
  readonly #sending: Sending;
  #pacing: Pacing;
  readonly #staying = new Staying();
  readonly #comebacks: Comebacks;
  readonly #underWay = new UnderWay();
  /** Of a FIFO queue: behind messages of their group that stay, and so never seen. */
  #behind = 0;
  /** How many had been decided on when messages were last given back to see what is behind them. */
  #uncoveredAt = 0;
  #failed = 0;
  #begun = 0;
  #failuresInARow = 0;
  #lookedAt: number;
  #stopped: string | undefined;
  #broken: unknown;

  constructor(options: RedriveOptions, ports: RedrivePorts, signal: AbortSignal) {
    this.#options = options;
    this.#ports = ports;
    this.#wanted = new Wanted(ports.time, signal, options.untilMs, ports.wish);
    this.#lookedAt = ports.time.now();
    this.#pacing = new Pacing(options.perSecond, this.#lookedAt);
    this.#comebacks = new Comebacks(options.jobId, options.forgiven);
    this.#write = stepWriter(options.jobId, ports);
    this.#sending = new Sending(options.jobId, ports, this.#write, this.#comebacks, {
      wait: (ms) => this.#wanted.wait(ms),
      goesOn: () => this.#goesOn(),
    });
  }

  async run(): Promise<RedriveResult> {
    const { max, canary, watchMs, to, selection, perSecond, forgiven } = this.#options;
    const earlier = await this.#ports.journal.earlier();
    this.#comebacks.takeUp(earlier);
    this.#sending.takeUp(earlier);
    this.#begun = this.#sending.moved;
    await this.#write({
      step: 'started',
      to: to ?? 'where each came from',
      selection: selection.text,
      perSecond,
      max,
      canary,
    });
    await this.#wanted.look();
    // A run that ended while it watched the canary is followed by one that watches again.
    const canaryEnd = canary + (forgiven?.moved ?? 0);
    if (canary > 0 && this.#begun <= canaryEnd) {
      await this.#drain(Math.min(canaryEnd, max));
      await this.#watch(watchMs);
      this.#judge(1);
    }
    if (this.#goesOn()) {
      this.#pacing = new Pacing(perSecond, this.#ports.time.now(), this.#options.rampMs);
      await this.#drain(max);
      if (this.#sending.moved > 0 && this.#goesOn()) await this.#watch(watchMs);
    }
    this.#judge(canary > 0 ? 1 : SHARE_OF_AT_LEAST);
    if (this.#broken !== undefined) throw this.#broken;
    await this.#countBehind();
    await this.#release(this.#staying.messages);
    const result = this.#result(this.#stopped !== undefined ? 'stopped' : (this.#wanted.end ?? 'completed'));
    const { moved, skipped, failed, cameBack, state } = result;
    if (state === 'paused' || state === 'cancelled') await this.#write({ step: 'asked', for: state });
    await this.#write({ step: 'ended', state, because: this.#stopped, moved, skipped, failed, cameBack });
    return result;
  }

  #goesOn(): boolean {
    return this.#stopped === undefined && this.#wanted.end === undefined && this.#broken === undefined;
  }

  /** Takes messages on until so many have been begun, or none are left. */
  async #drain(until: number): Promise<void> {
    const { queue } = this.#ports;
    const { perSecond, concurrency } = this.#options;
    const batchSeconds = Math.ceil((10 * THROTTLE_TRIES) / Math.max(perSecond, 1 / 3_600));
    const visibilitySeconds = Math.min(VISIBILITY_SECONDS + batchSeconds, VISIBILITY_SECONDS_MAX);
    for (let emptyLooks = 0; emptyLooks < 2 && this.#begun < until && this.#goesOn(); ) {
      const messages = await queue.receive(visibilitySeconds);
      const before = this.#staying.size + this.#begun;
      const kept: Message[] = [];
      for (const message of messages) {
        if (this.#begun >= until || !this.#goesOn()) kept.push(message);
        else await this.#take(message, concurrency);
      }
      await this.#release(kept);
      // One empty answer may be a server of SQS that has none; two are the end.
      emptyLooks = this.#staying.size + this.#begun === before ? emptyLooks + 1 : 0;
      if (emptyLooks > 0 && this.#underWay.size > 0) await this.#underWay.end();
      if (emptyLooks === 2 && (await this.#uncover())) emptyLooks = 0;
    }
    await this.#underWay.end();
  }

  /**
   * A FIFO queue hands out nothing of a group of which somebody has a message. Those that stay are given back, and come
   * again with what is behind them: up to ten of a group at once, so that what is behind ten that stay is never seen.
   */
  async #uncover(): Promise<boolean> {
    const decided = this.#staying.size + this.#begun;
    if (!keepsOrder(this.#ports.queue.arn) || this.#staying.size === 0 || decided === this.#uncoveredAt) return false;
    this.#uncoveredAt = decided;
    await this.#release(this.#staying.messages);
    return true;
  }

  async #countBehind(): Promise<void> {
    const { queue } = this.#ports;
    if (!keepsOrder(queue.arn) || this.#staying.size === 0 || this.#begun >= this.#options.max || !this.#goesOn())
      return;
    this.#behind = (await queue.countVisible?.()) ?? 0;
    if (this.#behind > 0) this.#staying.count(BEHIND, this.#behind);
  }

  /** Decides on one message, and begins to send it. */
  async #take(message: Message, concurrency: number): Promise<void> {
    const { MessageId: id = '' } = message;
    if (this.#staying.has(id)) {
      this.#staying.keep(message);
      return;
    }
    if (this.#underWay.has(id)) return;
    if (this.#comebacks.isBack(message)) {
      await this.#noteBack(message);
      this.#staying.keep(message);
      this.#judge(SHARE_OF_AT_LEAST);
      return;
    }
    const trace = await this.#ports.journal.traceOf(id);
    if (await this.#sending.endsWhatWasSent(message, trace)) return;
    const delivery = await this.#choose(message);
    if (typeof delivery === 'string') {
      this.#staying.keep(message, delivery);
      return;
    }
    await this.#pace();
    const group = delivery.groupId;
    if (group !== undefined) await this.#underWay.endOfGroup(group);
    if (group !== undefined && this.#staying.isBlocked(group)) {
      this.#staying.keep(message, 'an earlier message of its group stayed');
      return;
    }
    if (!this.#goesOn()) {
      await this.#release([message]);
      return;
    }
    this.#begun += 1;
    const sent = this.#send(message, delivery, trace !== undefined).catch((error: unknown) => {
      this.#broken ??= error;
    });
    this.#underWay.add(id, group, sent);
    await this.#underWay.roomFor(concurrency);
    await this.#lookForArrivals();
    await this.#ports.progress?.(this.#result('running'));
  }

  /** What is sent, or why the message stays. */
  async #choose(message: Message): Promise<Delivery | string> {
    const { selection, reasonOf } = this.#options;
    const reason = selection.asksForReason ? await reasonOf?.(message) : undefined;
    if (!selection.matches(message, { reason, nowMs: this.#ports.time.now() })) return 'not selected';
    const delivery = await deliveryOf(message, this.#options);
    if ('reason' in delivery) return delivery.reason;
    if (delivery.kind === 'queue' && delivery.arn === this.#ports.queue.arn)
      return 'its target is the queue it lies in';
    const { delayJitterSeconds = 0 } = this.#options;
    if (delayJitterSeconds === 0 || delivery.kind !== 'queue' || keepsOrder(delivery.arn)) return delivery;
    return { ...delivery, delaySeconds: Math.floor(this.#ports.random.nextUnit() * (delayJitterSeconds + 1)) };
  }

  async #pace(): Promise<void> {
    const { time, random } = this.#ports;
    await this.#wanted.look();
    const dueMs = this.#pacing.next(time.now(), random.nextUnit());
    if (dueMs > time.now()) await this.#wanted.wait(dueMs - time.now());
  }

  async #send(message: Message, delivery: Delivery, mayBeDuplicate: boolean): Promise<void> {
    const error = await this.#sending.send(message, delivery, mayBeDuplicate);
    if (error === undefined) this.#failuresInARow = 0;
    else this.#fail(message, error, delivery);
  }

  #fail(message: Message, error: string, { arn, groupId }: Delivery): void {
    this.#failed += 1;
    this.#failuresInARow += 1;
    if (groupId !== undefined && keepsOrder(arn)) this.#staying.block(groupId);
    this.#staying.keep(message, error);
    if (this.#failuresInARow >= FAILURES_IN_A_ROW_MAX) {
      this.#stopped ??= `${this.#failuresInARow} sends in a row failed; the last one: ${error}`;
    }
  }

  async #noteBack(message: Message): Promise<void> {
    if (this.#comebacks.add(message)) await this.#write({ step: 'came-back', messageId: message.MessageId ?? '' });
  }

  #judge(ofAtLeast: number): void {
    this.#stopped ??= this.#comebacks.tooMany(this.#sending.moved, ofAtLeast, this.#options.cameBackShareMax);
  }

  async #lookForArrivals(): Promise<void> {
    const { queue, time } = this.#ports;
    if (queue.arrivals === undefined || time.now() - this.#lookedAt < LOOK_FOR_ARRIVALS_MS) return;
    this.#lookedAt = time.now();
    await this.#noteArrivals();
    this.#judge(SHARE_OF_AT_LEAST);
  }

  async #noteArrivals(): Promise<void> {
    const arrivals = (await this.#ports.queue.arrivals?.()) ?? [];
    for (const message of arrivals) if (this.#comebacks.isBack(message)) await this.#noteBack(message);
  }

  /** Waits, and counts what comes back meanwhile. */
  async #watch(watchMs: number): Promise<void> {
    const { queue } = this.#ports;
    if (watchMs <= 0 || !this.#goesOn()) return;
    await this.#ports.progress?.(this.#result('running'));
    await this.#wanted.wait(watchMs);
    if (queue.arrivals !== undefined) {
      await this.#noteArrivals();
      return;
    }
    const others: Message[] = [];
    for (let received = await queue.receive(VISIBILITY_SECONDS); received.length > 0; ) {
      for (const message of received) {
        if (!this.#comebacks.isBack(message)) others.push(message);
        else {
          await this.#noteBack(message);
          this.#staying.keep(message);
        }
      }
      if (others.length >= 1_000 || this.#wanted.end !== undefined) break;
      received = await queue.receive(VISIBILITY_SECONDS);
    }
    await this.#release(others.filter(({ MessageId = '' }) => !this.#staying.has(MessageId)));
  }

  async #release(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RELEASE_MAX) {
      await this.#ports.queue.release(messages.slice(start, start + RELEASE_MAX));
    }
  }

  #result(state: RedriveResult['state']): RedriveResult {
    const { forgiven } = this.#options;
    return {
      jobId: this.#options.jobId,
      moved: this.#sending.moved,
      skipped:
        this.#behind +
        this.#staying.size -
        this.#failed -
        [...this.#comebacks.ids].filter((id) => this.#staying.has(id)).length,
      failed: this.#failed,
      cameBack: this.#comebacks.ids.size,
      state,
      ...(this.#stopped === undefined ? {} : { because: this.#stopped }),
      ...(forgiven === undefined ? {} : { forgiven: { ...forgiven, cameBack: this.#comebacks.forgivenCount } }),
      alreadySent: this.#sending.alreadySent,
      possibleDuplicates: this.#sending.possibleDuplicates,
      reasons: this.#staying.reasons,
    };
  }
}
