import type { Message } from '@aws-sdk/client-sqs';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import type { Step } from './audit.ts';
import type { Comebacks } from './comebacks.ts';
import type { Delivery } from './delivery.ts';
import type { EarlierRuns, Trace } from './jobs/job.ts';
import type { RedrivePorts } from './redrive-ports.ts';

/** So often one message is offered to a target that asks to slow down. */
export const THROTTLE_TRIES = 6;
const THROTTLE_BACKOFF: BackoffPolicy = { baseDelayMs: 500, multiplier: 2, maxDelayMs: 8_000, jitter: 'none' };

export type WriteStep = (step: Omit<Step, 'at' | 'jobId' | 'queue'>) => Promise<void>;

/** Writes steps of one job on one queue, with the time at which they are taken. */
export const stepWriter =
  (jobId: string, { journal, queue, time }: RedrivePorts): WriteStep =>
  (step) =>
    journal.append({ ...step, at: new Date(time.now()).toISOString(), jobId, queue: queue.arn } as Step);

/** What one run of a job gives a send. */
export interface SendingRun {
  wait(ms: number): Promise<void>;
  goesOn(): boolean;
}

/**
 * Takes single messages from the queue to their targets, so that of none it is ever unknown what was done: each step is written
 * down before the next is taken, and a message is deleted only once its target has confirmed it.
 */
export class Sending {
  readonly #jobId: string;
  readonly #ports: RedrivePorts;
  readonly #write: WriteStep;
  readonly #comebacks: Comebacks;
  readonly #run: SendingRun;
  /** Messages that may be received again although this run has sent them: only to be deleted. */
  readonly #sent = new Set<string>();
  readonly #alreadySent: string[] = [];
  readonly #possibleDuplicates = new Set<string>();
  #moved = 0;

  constructor(jobId: string, ports: RedrivePorts, write: WriteStep, comebacks: Comebacks, run: SendingRun) {
    this.#jobId = jobId;
    this.#ports = ports;
    this.#write = write;
    this.#comebacks = comebacks;
    this.#run = run;
  }

  /** Goes on from what earlier runs of the job did. */
  takeUp({ possibleDuplicates, proofs }: EarlierRuns): void {
    for (const id of possibleDuplicates) this.#possibleDuplicates.add(id);
    this.#moved = proofs.size;
  }

  /** Of all runs of the job. */
  get moved(): number {
    return this.#moved;
  }

  /** Sent by another job that ended before it deleted them. */
  get alreadySent(): readonly string[] {
    return [...this.#alreadySent];
  }

  get possibleDuplicates(): readonly string[] {
    return [...this.#possibleDuplicates];
  }

  /** Deletes a message that was sent before; answers whether it was. */
  async endsWhatWasSent(message: Message, trace: Trace | undefined): Promise<boolean> {
    const { MessageId: id = '' } = message;
    if (!this.#sent.has(id) && trace?.step !== 'sent') return false;
    await this.#delete(message);
    if (trace?.jobId !== this.#jobId) this.#alreadySent.push(id);
    return true;
  }

  /** Sends a message, more than once only where its target asks to slow down. Answers the error with which it stays. */
  async send(message: Message, delivery: Delivery, mayBeDuplicate: boolean): Promise<string | undefined> {
    const { MessageId: messageId = '' } = message;
    const { arn: to } = delivery;
    if (mayBeDuplicate) this.#possibleDuplicates.add(messageId);
    for (let attempt = 1; ; attempt += 1) {
      await this.#write({ step: 'sending', messageId, to, ...(mayBeDuplicate ? { mayBeDuplicate } : {}) });
      const outcome = await this.#ports.sender.send(delivery);
      if (outcome.taken) {
        const { proof } = outcome;
        this.#comebacks.sent(proof);
        await this.#write({ step: 'sent', messageId, to, proof, origin: message.Attributes?.DeadLetterQueueSourceArn });
        this.#sent.add(messageId);
        this.#moved += 1;
        await this.#delete(message);
        return undefined;
      }
      const { error } = outcome;
      const isUnclear = outcome.outcome === 'unclear';
      if (isUnclear) this.#possibleDuplicates.add(messageId);
      // What an earlier job left open stays open: that this send was refused says nothing about that one.
      await this.#write({ step: isUnclear || mayBeDuplicate ? 'unclear' : 'refused', messageId, error });
      if (outcome.outcome !== 'slow down' || attempt >= THROTTLE_TRIES || !this.#run.goesOn()) return error;
      await this.#run.wait(backoffCeilingMs(THROTTLE_BACKOFF, attempt));
    }
  }

  async #delete(message: Message): Promise<void> {
    await this.#ports.queue.delete(message);
    await this.#write({ step: 'deleted', messageId: message.MessageId ?? '' });
  }
}
