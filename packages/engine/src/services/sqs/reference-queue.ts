/**
 * For tests: SQS in its simplest form. Everything is an array, every question is a scan, and time passes only when
 * `settle` is called. Slow and obvious, to check the fast one against.
 */
export interface ReferenceMessage {
  readonly body: string;
  readonly group: string;
  readonly number: number;
  readonly enqueuedAt: number;
  readonly receivesElsewhere: number;
  receives: number;
  visibleAt: number;
  receivedAt: number;
  state: 'delayed' | 'visible' | 'in flight';
  /** Standard queues: place in the order of receiving. */
  order: number;
}

export interface ReferenceSettings {
  readonly isFifo: boolean;
  readonly delayMs: number;
  readonly visibilityMs: number;
  readonly retentionMs: number;
  readonly maxReceiveCount: number;
}

export class ReferenceQueue {
  messages: ReferenceMessage[] = [];
  readonly #settings: ReferenceSettings;
  readonly #deadLetterQueue: ReferenceQueue | undefined;
  /** FIFO: groups whose head is visible, in the order in which they take turns. */
  #turns: string[] = [];
  #lastNumber = 0;
  #lastOrder = 0;

  constructor(settings: ReferenceSettings, deadLetterQueue?: ReferenceQueue) {
    this.#settings = settings;
    this.#deadLetterQueue = deadLetterQueue;
  }

  send(body: string, group: string, delayMs: number | undefined, now: number): void {
    this.settle(now);
    this.#enter(body, group, now, now + (delayMs ?? this.#settings.delayMs), 0, now);
  }

  receive(max: number, visibilityMs: number | undefined, now: number): ReferenceMessage[] {
    this.settle(now);
    const received: ReferenceMessage[] = [];
    for (const message of this.#receivable()) {
      if (received.length === max) break;
      if (
        this.#deadLetterQueue !== undefined &&
        message.receives - message.receivesElsewhere >= this.#settings.maxReceiveCount
      ) {
        this.remove(message);
        this.#deadLetterQueue.adopt(message, now);
        continue;
      }
      message.receives += 1;
      message.state = 'in flight';
      message.receivedAt = now;
      message.visibleAt = now + (visibilityMs ?? this.#settings.visibilityMs);
      received.push(message);
    }
    this.#takeTurns();
    return received;
  }

  adopt(message: ReferenceMessage, now: number): void {
    this.settle(now);
    const enqueuedAt = this.#settings.isFifo ? now : message.enqueuedAt;
    this.#enter(message.body, message.group, enqueuedAt, now, message.receives, now);
  }

  /** Whether the receive that `receives` counted is the latest one of a message that is still here. */
  latest(body: string, receives: number): ReferenceMessage | undefined {
    return this.messages.find((message) => message.body === body && message.receives === receives);
  }

  remove(message: ReferenceMessage): void {
    this.messages = this.messages.filter((other) => other !== message);
    this.#takeTurns();
  }

  /** One thing after the other, each at its time: who looks seldom must not find another order than who looks often. */
  settle(now: number): void {
    for (;;) {
      const shown = this.messages
        .filter(({ state, visibleAt }) => state !== 'visible' && visibleAt <= now)
        .sort((a, b) => a.visibleAt - b.visibleAt || a.number - b.number)[0];
      const expired = this.messages
        .filter(({ enqueuedAt }) => now - enqueuedAt > this.#settings.retentionMs)
        .sort((a, b) => a.enqueuedAt - b.enqueuedAt)[0];
      if (shown === undefined && expired === undefined) break;
      const expiredAt = (expired?.enqueuedAt ?? Number.POSITIVE_INFINITY) + this.#settings.retentionMs + 1;
      if (shown !== undefined && shown.visibleAt <= expiredAt) this.#show(shown);
      else this.remove(expired as ReferenceMessage);
    }
    this.#takeTurns();
  }

  counts(): number[] {
    const count = (state: string): number => this.messages.filter((message) => message.state === state).length;
    return [count('visible'), count('in flight'), count('delayed')];
  }

  #enter(body: string, group: string, enqueuedAt: number, visibleAt: number, receives: number, now: number): void {
    const message: ReferenceMessage = {
      body,
      group,
      number: ++this.#lastNumber,
      enqueuedAt,
      receivesElsewhere: receives,
      receives,
      visibleAt,
      receivedAt: 0,
      state: 'delayed',
      order: 0,
    };
    this.messages.push(message);
    if (visibleAt <= now) this.#show(message);
    this.#takeTurns();
  }

  #show(message: ReferenceMessage): void {
    const keepsPlace = message.state === 'in flight' && message.receives - message.receivesElsewhere < 3;
    message.state = 'visible';
    if (!keepsPlace) message.order = ++this.#lastOrder;
    this.#takeTurns();
  }

  #takeTurns(): void {
    const heads = new Map<string, ReferenceMessage>();
    for (const message of this.messages) if (!heads.has(message.group)) heads.set(message.group, message);
    const ready = [...heads].filter(([, head]) => head.state === 'visible').map(([group]) => group);
    this.#turns = this.#turns.filter((group) => ready.includes(group));
    for (const group of ready) if (!this.#turns.includes(group)) this.#turns.push(group);
  }

  #receivable(): ReferenceMessage[] {
    if (!this.#settings.isFifo) {
      return this.messages.filter(({ state }) => state === 'visible').sort((a, b) => a.order - b.order);
    }
    return this.#turns.flatMap((turn) => {
      const ofGroup = this.messages.filter(({ group }) => group === turn);
      const firstHidden = ofGroup.findIndex(({ state }) => state !== 'visible');
      return firstHidden < 0 ? ofGroup : ofGroup.slice(0, firstHidden);
    });
  }
}
