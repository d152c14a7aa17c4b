import { InvalidInputError } from '@holdfast/local';
import type { DurationLike } from './duration.ts';
import { isSelected, type RecordSelector, selectorText } from './event-records.ts';
import type { HandlerSpy } from './handler-spy.ts';
import { type FailedMessage, type QueueMessage, recordsOfMessage } from './queues.ts';
import { type TimelineSources, timelineOf } from './timeline.ts';

/** What an engine tells of records. */
export interface RecordWitness {
  readonly spies: TimelineSources['spies'];
  failures(): readonly FailedMessage[];
  messages(queue: string): readonly QueueMessage[];
  queueNames(): readonly string[];
  sources(): TimelineSources;
  until(predicate: () => unknown, options: { readonly within?: DurationLike }): Promise<Date>;
}

/** The records that a selector means, followed through all bound handlers and into the failure queues. */
export class TracedRecord {
  /** In words, for messages. */
  readonly description: string;
  readonly #selector: RecordSelector;
  readonly #witness: RecordWitness;

  /** @internal */
  constructor(selector: RecordSelector, witness: RecordWitness) {
    this.description = selectorText(selector);
    this.#selector = selector;
    this.#witness = witness;
  }

  /** How often bound handlers were given it; those of `handler` only when that is named. */
  attempts(handler?: string): number {
    return this.#sum(handler, (spy) => spy.attempts(this.#selector));
  }

  /** How often bound handlers processed it. */
  successes(handler?: string): number {
    return this.#sum(handler, (spy) => spy.successes(this.#selector));
  }

  /** Messages of failure queues that are it, or are about it. */
  async deadLetters(): Promise<readonly FailedMessage[]> {
    return this.#witness
      .failures()
      .filter(({ records }) => records.some((record) => isSelected(this.#selector, record)));
  }

  /**
   * The name of a queue that is given by name, URL or ARN. One that is misspelt would have no dead letter, and `not` would always hold.
   *
   * @internal
   * @throws InvalidInputError when there is none
   */
  queueNamed(queue: string): string {
    const name = queue.split(/[:/]/).at(-1) ?? queue;
    const names = this.#witness.queueNames();
    if (names.includes(name)) return name;
    throw new InvalidInputError('queue', queue, `does not exist; there are ${names.join(', ') || 'none'}`);
  }

  /** Whether it reached a bound handler of that name, or lies in the queue of that name. */
  async isDeliveredTo(place: string): Promise<boolean> {
    if (this.#witness.spies.some(({ name }) => name === place)) return this.attempts(place) > 0;
    return this.#witness
      .messages(place)
      .some((message) => recordsOfMessage(message).some((record) => isSelected(this.#selector, record)));
  }

  /**
   * Lets time pass until a bound handler has processed it, or it is put aside. Answers the time at which that was.
   *
   * @throws Error with what has happened, when it does not come to that within 14 days, or what `within` says
   */
  until(outcome: 'processed' | 'dead-lettered', options: { readonly within?: DurationLike } = {}): Promise<Date> {
    const isSo =
      outcome === 'processed' ? () => this.successes() > 0 : async () => (await this.deadLetters()).length > 0;
    return this.#witness.until(isSo, options);
  }

  /** What became of it, line by line. */
  timeline(): string {
    return timelineOf(this.#witness.sources(), this.#selector);
  }

  #sum(handler: string | undefined, count: (spy: HandlerSpy) => number): number {
    const { spies } = this.#witness;
    if (handler !== undefined && spies.every(({ name }) => name !== handler)) {
      const names = spies.map(({ name }) => name).join(', ');
      throw new InvalidInputError('handler', handler, `is not bound; bound are: ${names || 'none'}`);
    }
    return spies
      .filter(({ name }) => handler === undefined || name === handler)
      .reduce((sum, spy) => sum + count(spy), 0);
  }
}
