import { InvalidInputError } from '@holdfast/local';
import { type EventRecord, isSelected, type RecordSelector, selectorText } from './event-records.ts';
import type { HandlerSpy, RecordOutcome } from './handler-spy.ts';
import type { PassingTime, UntilOptions } from './passing-time.ts';
import type { FailedMessage, Queues } from './queues.ts';

/**
 * What became of a message: it has come to the queue (`received`), a bound handler processed it as one of the queue's
 * (`consumed`), or it was given up (`dlq`).
 */
export type MessageStatus = 'received' | 'consumed' | 'dlq';

/** Which message is meant. */
export interface MessageExpectation {
  readonly status: MessageStatus;
  /** Name, URL or ARN of the queue; of `dlq` the one that gave it up, or the one in which it lies now. @defaultValue any */
  readonly queue?: string;
  /** By id or whole body, by a pattern in it, or as a function decides. @defaultValue any */
  readonly message?: RecordSelector;
}

/** A message that was waited for. */
export interface SpiedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly status: MessageStatus;
  /** The engine's time at which it was found to be so. */
  readonly at: Date;
}

const STATUSES: readonly MessageStatus[] = ['received', 'consumed', 'dlq'];

const EXPECT_NONE_WITHIN_DEFAULT = { hours: 1 };

/** The name at the end of an ARN or a URL, or the name itself. */
const nameOf = (queue: string | undefined): string | undefined => queue?.split(/[:/]/).at(-1);

const inWords = ({ status, queue, message }: MessageExpectation): string =>
  [
    status,
    ...(queue === undefined ? [] : [`queue ${queue}`]),
    ...(message === undefined ? [] : [selectorText(message)]),
  ].join(', ');

/** Waits for what becomes of messages, over all queues and bound handlers of an engine. */
export class MessageSpy {
  readonly #queues: Queues;
  readonly #spies: () => readonly HandlerSpy[];
  readonly #time: PassingTime;
  readonly #told: () => string;

  /** @internal */
  constructor(queues: Queues, spies: () => readonly HandlerSpy[], time: PassingTime, told: () => string) {
    this.#queues = queues;
    this.#spies = spies;
    this.#time = time;
    this.#told = told;
  }

  /**
   * Lets time pass until a message is what is waited for, and answers it; at once when it is so already.
   *
   * @example
   * ```ts
   * await aws.messageSpy.waitFor({ queue: 'orders', status: 'dlq' });
   * ```
   * @throws Error with what has happened, when there is none in time; InvalidInputError when there is no such queue
   */
  async waitFor(given: MessageExpectation, options: UntilOptions = {}): Promise<SpiedMessage> {
    const expected = this.#checked(given);
    let found: EventRecord | undefined;
    const at = await this.#time.until(() => {
      found = this.#find(expected);
      return found !== undefined;
    }, options);
    return { messageId: found?.id ?? '', body: found?.text ?? '', status: expected.status, at };
  }

  /**
   * Lets time pass, an hour unless told otherwise, in which no message may become what is said.
   *
   * @throws Error with what has happened, when one does, or is so already; InvalidInputError when there is no such queue
   */
  async expectNone(given: MessageExpectation, options: UntilOptions = {}): Promise<void> {
    const expected = this.#checked(given);
    const within = options.within ?? EXPECT_NONE_WITHIN_DEFAULT;
    if (!(await this.#time.comesTrue(() => this.#find(expected) !== undefined, within))) return;
    const { id = '', text = '' } = this.#find(expected) ?? {};
    throw new Error(
      `expected was none (${inWords(expected)}), and at ${this.#time.now().toISOString()} there is "${text}" (${id})\n${this.#told()}`,
    );
  }

  /** A queue that is misspelt would never have a message, and `expectNone` would always hold. */
  #checked(expected: MessageExpectation): MessageExpectation {
    const { status, queue } = expected;
    if (!STATUSES.includes(status)) {
      throw new InvalidInputError('status', status, `must be one of ${STATUSES.join(', ')}`);
    }
    const name = nameOf(queue);
    if (name === undefined) return expected;
    const names = this.#queues.names();
    if (names.includes(name)) return { ...expected, queue: name };
    throw new InvalidInputError('queue', queue, `does not exist; there are ${names.join(', ') || 'none'}`);
  }

  #find({ status, queue, message }: MessageExpectation): EventRecord | undefined {
    const isMeant = (record: EventRecord): boolean => message === undefined || isSelected(message, record);
    return this.#records(status, queue).find(isMeant);
  }

  #records(status: MessageStatus, queue: string | undefined): readonly EventRecord[] {
    if (status === 'consumed') return this.#given(queue, (outcome) => outcome === 'processed');
    const givenUp = this.#queues
      .failures()
      .filter((failure) => queue === undefined || failure.queue === queue || failure.source === queue)
      .map(recordOf);
    if (status === 'dlq') return givenUp;
    const names = this.#queues.names().filter((name) => queue === undefined || name === queue);
    const waiting = names.flatMap((name) => this.#queues.messages(name)).map(recordOf);
    // A message may have come and gone between two looks.
    return [...waiting, ...this.#given(queue, () => true), ...givenUp];
  }

  /** Messages of a queue that bound handlers were given. */
  #given(queue: string | undefined, isCounted: (outcome: RecordOutcome) => boolean): readonly EventRecord[] {
    const isOfQueue = ({ source }: EventRecord): boolean =>
      queue === undefined ? source !== undefined : nameOf(source) === queue;
    return this.#spies()
      .flatMap(({ calls }) => calls)
      .flatMap((call) => call.records.filter((record) => isOfQueue(record) && isCounted(call.outcomeOf(record))));
  }
}

const recordOf = ({ messageId, body }: Pick<FailedMessage, 'messageId' | 'body'>): EventRecord => ({
  id: messageId,
  text: body,
});
