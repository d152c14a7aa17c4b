import { errorText, type HandlerSpy } from './handler-spy.ts';
import type { FailedMessage, Queues } from './queues.ts';
import type { TimelineSources } from './timeline.ts';

/** What became of records, as bound handlers and queues together show it. */
export class Evidence {
  readonly #queues: Queues;
  readonly #spies: ReadonlyMap<string, HandlerSpy>;
  readonly #now: () => Date;

  constructor(queues: Queues, spies: ReadonlyMap<string, HandlerSpy>, now: () => Date) {
    this.#queues = queues;
    this.#spies = spies;
    this.#now = now;
  }

  /** Every message that was given up; a reason that its queue does not say is the last error of a handler that had it. */
  failures(): readonly FailedMessage[] {
    return this.#queues
      .failures()
      .map((failure) => (failure.error === '' ? { ...failure, error: this.#lastErrorOf(failure.messageId) } : failure));
  }

  /** What timelines are drawn from. */
  sources(): TimelineSources {
    const failures = this.failures();
    const givenUp = new Set(failures.map(({ messageId }) => messageId));
    const waiting = this.#queues.names().flatMap((queue) =>
      this.#queues
        .messages(queue)
        .filter(({ messageId }) => !givenUp.has(messageId))
        .map((message) => ({ queue, message })),
    );
    return { spies: [...this.#spies.values()], failures, waiting, now: this.#now() };
  }

  #lastErrorOf(messageId: string): string {
    for (const spy of this.#spies.values()) {
      const error = spy.callsOf(messageId).findLast((call) => call.error !== undefined)?.error;
      if (error !== undefined) return errorText(error);
    }
    return '';
  }
}
