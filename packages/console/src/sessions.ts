import type { Agreed } from './api.ts';
import { RefusedError } from './refused.ts';

const SESSIONS_MAX = 100;

/** Sessions in which changes were allowed. They end with the process; until then everything is read-only. */
export class Sessions {
  readonly #open = new Set<string>();
  readonly #newId: () => string;

  /** @param newId - hard to guess */
  constructor(newId: () => string) {
    this.#newId = newId;
  }

  allow(): string {
    const session = this.#newId();
    this.#open.add(session);
    const [oldest] = this.#open;
    if (this.#open.size > SESSIONS_MAX && oldest !== undefined) this.#open.delete(oldest);
    return session;
  }

  forbid(session: string): void {
    this.#open.delete(session);
  }

  /** @throws RefusedError unless changes are allowed, and what was agreed to is what would be changed */
  check(agreed: Agreed | undefined, arn: string): void {
    if (agreed === undefined || !this.#open.has(agreed.session)) {
      throw new RefusedError('this session is read-only; allow changes first');
    }
    if (agreed.arn !== arn) throw new RefusedError(`"${agreed.arn}" was agreed to, but "${arn}" would be changed`);
  }
}
