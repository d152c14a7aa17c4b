import type { Message } from '@aws-sdk/client-sqs';

/** Messages that stay in the queue: kept from it until the job ends, or it would hand them out again and again. */
export class Staying {
  readonly #held = new Map<string, Message>();
  readonly #reasons = new Map<string, number>();
  /** Groups of which a message stays: what comes after it in order stays too. */
  readonly #blockedGroups = new Set<string>();

  get size(): number {
    return this.#held.size;
  }

  get messages(): readonly Message[] {
    return [...this.#held.values()];
  }

  /** Messages by the reason for which they stay. */
  get reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#reasons);
  }

  has(messageId: string): boolean {
    return this.#held.has(messageId);
  }

  /** A message stays as it was received last; a reason is counted with each that has one. */
  keep(message: Message, reason?: string): void {
    if (reason !== undefined) this.count(reason, 1);
    this.#held.set(message.MessageId ?? '', message);
  }

  /** Counts messages that stay and were never seen. */
  count(reason: string, messages: number): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + messages);
  }

  block(group: string): void {
    this.#blockedGroups.add(group);
  }

  isBlocked(group: string): boolean {
    return this.#blockedGroups.has(group);
  }
}
