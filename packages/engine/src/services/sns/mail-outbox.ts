import type { CapturedMail, Collection, ServiceEnvironment } from '../../core/index.ts';

/** Mails kept; the oldest go first. */
export const MAILS_MAX = 10_000;

/** Keeps every mail instead of sending it. No mail ever leaves this machine. */
export class MailOutbox {
  readonly #stored: Collection<CapturedMail>;
  readonly #mails = new Map<string, CapturedMail>();
  readonly #listeners = new Set<(mail: CapturedMail) => void>();
  #next = 0;

  constructor(environment: ServiceEnvironment) {
    this.#stored = environment.store.collection<CapturedMail>('sns.mail');
    const rows = [...this.#stored.entries()].sort(([a], [b]) => Number(a) - Number(b));
    for (const [row, mail] of rows) {
      this.#mails.set(row, mail);
      this.#next = Number(row) + 1;
    }
  }

  /** Oldest first. */
  mails(): readonly CapturedMail[] {
    return [...this.#mails.values()];
  }

  /** Calls back for every mail from now on; returns the function that ends it. */
  onMail(listener: (mail: CapturedMail) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  capture(mail: CapturedMail): void {
    const row = String(this.#next++);
    this.#mails.set(row, mail);
    this.#stored.put(row, mail);
    if (this.#mails.size > MAILS_MAX) {
      const [oldest] = this.#mails.keys();
      this.#mails.delete(oldest as string);
      this.#stored.delete(oldest as string);
    }
    for (const listener of this.#listeners) listener(mail);
  }
}
