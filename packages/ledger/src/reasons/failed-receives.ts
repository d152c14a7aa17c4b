import { type Reason, reasonOfPayload } from './reason.ts';

/** As the engine tells it. */
interface FailedReceive {
  readonly messageId: string;
  readonly requestIds: readonly string[];
  readonly error?: string;
}

interface Answer {
  readonly failedReceives?: readonly FailedReceive[];
  readonly next?: number;
}

const PAGE = 10_000;
const ASK_AGAIN_AFTER_MS = 1_000;

/** With which messages of a queue consumers failed, as an engine remembers it; each is read once. */
export class FailedReceives {
  readonly #url: URL;
  readonly #monotonicMs: () => number;
  readonly #found = new Map<string, Reason>();
  #next = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(endpoint: string, queueArn: string, monotonicMs: () => number) {
    const [, , , region, account, name] = queueArn.split(':');
    this.#url = new URL(`/_holdfast/queues/${account}/${region}/${name}/failed-receives`, endpoint);
    this.#monotonicMs = monotonicMs;
  }

  async of(messageId: string): Promise<Reason | undefined> {
    if (this.#monotonicMs() - this.#askedAt >= ASK_AGAIN_AFTER_MS && this.#asking === undefined) {
      this.#askedAt = this.#monotonicMs();
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined;
      });
    }
    await this.#asking;
    return this.#found.get(messageId);
  }

  async #ask(): Promise<void> {
    for (let read = PAGE; read === PAGE; ) {
      const answer = await fetch(`${this.#url}?limit=${PAGE}&after=${this.#next}`);
      // An engine of an older version has no such list.
      if (!answer.ok || !/json/.test(answer.headers.get('content-type') ?? '')) return;
      const { failedReceives = [], next = this.#next } = (await answer.json()) as Answer;
      for (const { messageId, requestIds, error } of failedReceives) {
        const reason = error === undefined ? undefined : reasonOfPayload(error);
        this.#found.set(messageId, { error: '', ...reason, requestIds });
      }
      this.#next = next;
      read = failedReceives.length;
    }
  }
}
