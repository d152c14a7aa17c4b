import type { Collection, SessionSource } from '../../core/index.ts';

/** Credentials that were given out: whose they are. The secrets are not kept, nobody verifies signatures with them. */
export interface StoredSession {
  readonly account: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
  readonly arn: string;
  readonly expiresAt: number;
  /** Keys of tags that the sessions begun with this one have, too. */
  readonly transitiveTagKeys: readonly string[];
}

/** From so many on, those go that are over; others never, they may be in use. */
const KEPT = 1_000;

/**
 * Sessions by access key id. One that is over still says who calls: time may have been moved, and the machine's clock,
 * by which clients renew their credentials, has not.
 */
export class Sessions implements SessionSource {
  readonly #byAccessKey: Map<string, StoredSession>;
  readonly #stored: Collection<StoredSession>;

  constructor(stored: Collection<StoredSession>) {
    this.#stored = stored;
    this.#byAccessKey = new Map(stored.entries());
  }

  sessionOf(accessKeyId: string): StoredSession | undefined {
    return this.#byAccessKey.get(accessKeyId);
  }

  add(accessKeyId: string, session: StoredSession, now: number): void {
    if (this.#byAccessKey.size >= KEPT) this.#forget(now);
    this.#byAccessKey.set(accessKeyId, session);
    this.#stored.put(accessKeyId, session);
  }

  /** The oldest that are over; each is looked at once. */
  #forget(now: number): void {
    for (const [accessKeyId, { expiresAt }] of this.#byAccessKey) {
      if (expiresAt > now) return;
      this.#byAccessKey.delete(accessKeyId);
      this.#stored.delete(accessKeyId);
    }
  }
}
