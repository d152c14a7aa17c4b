import type { Message } from '@aws-sdk/client-sqs';
import { MARK } from './delivery.ts';
import type { EarlierRuns, Forgiven } from './jobs/job.ts';
import { failedInvocationOf } from './way-back.ts';

/** What came back into the queue of all that a job has moved out of it. */
export class Comebacks {
  readonly #jobId: string;
  /** What the targets called what was sent; it comes back by that name. */
  readonly #proofs = new Set<string>();
  readonly #ids = new Set<string>();
  /** Of what was moved and what came back: not held against the job. */
  readonly #forgiven: { readonly moved: number; cameBack: number; readonly untilMs: number };

  constructor(jobId: string, { moved = 0, cameBack = 0, until = '' }: Partial<Forgiven> = {}) {
    this.#jobId = jobId;
    this.#forgiven = { moved, cameBack, untilMs: Date.parse(until) };
  }

  /** Takes up what earlier runs of the job have moved, and seen come back. */
  takeUp({ proofs, cameBack }: Pick<EarlierRuns, 'proofs' | 'cameBack'>): void {
    for (const proof of proofs) this.#proofs.add(proof);
    for (const id of cameBack) this.#ids.add(id);
  }

  /** Messages that came back, by their ids. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** How many of them are forgiven. */
  get forgivenCount(): number {
    return this.#forgiven.cameBack;
  }

  /** A target took something, and calls it so. */
  sent(proof: string): void {
    this.#proofs.add(proof);
  }

  isBack({ MessageId, Body = '', MessageAttributes = {} }: Message): boolean {
    return (
      this.#proofs.has(MessageId ?? '') ||
      MessageAttributes[MARK]?.StringValue === this.#jobId ||
      this.#proofs.has(MessageAttributes['RequestID']?.StringValue ?? '') ||
      (this.#proofs.size > 0 && this.#proofs.has(failedInvocationOf(Body)?.requestId ?? ''))
    );
  }

  /** Counts one that came back; answers whether it is new. */
  add({ MessageId: id = '', Attributes }: Message): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (Number(Attributes?.SentTimestamp) <= this.#forgiven.untilMs) this.#forgiven.cameBack += 1;
    return true;
  }

  /** Says that more came back than may, once enough was moved to tell. */
  tooMany(movedInAll: number, ofAtLeast: number, shareMax: number): string | undefined {
    const moved = movedInAll - this.#forgiven.moved;
    const cameBack = this.#ids.size - this.#forgiven.cameBack;
    const share = cameBack / Math.max(moved, 1);
    return moved < ofAtLeast || share <= shareMax ? undefined : `${cameBack} of ${moved} redriven messages came back`;
  }
}
