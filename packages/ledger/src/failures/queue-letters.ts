import type { FingerprintOf } from '../fingerprints/remembered.ts';
import type { Reasons } from '../reasons/reasons.ts';
import type { LookedAt, SqsQueue } from '../sqs-queue.ts';
import type { Target } from '../target.ts';
import { describeLetter } from './describe-letter.ts';
import type { FailureIndex } from './failure-index.ts';
import type { FailurePlaces } from './failure-places.ts';

export interface QueueLettersPorts {
  readonly target: Target;
  readonly isEngine: boolean;
  readonly reasons: Reasons;
  readonly fingerprintOf: FingerprintOf;
}

/** On AWS each look is a receive: not of everything. */
const LOOK_MAX_AWS = 1_000;

/** Letters of a queue that are in the index. Of an engine they are in the order of arrival, with their places in it. */
interface Seen {
  sequences: number[];
  ids: string[];
}

/** The dead letters of one queue, kept in step with an index. */
export class QueueLetters {
  readonly #ports: QueueLettersPorts;
  readonly #arn: string;
  #seen: Seen = { sequences: [], ids: [] };

  constructor(arn: string, ports: QueueLettersPorts) {
    this.#arn = arn;
    this.#ports = ports;
  }

  get size(): number {
    return this.#seen.ids.length;
  }

  /** @param told - called after each piece of it */
  async refresh(index: FailureIndex, queue: SqsQueue, fillers: Fillers, told: () => void): Promise<void> {
    if (!this.#ports.isEngine) return this.#received(index, queue, fillers);
    if (await this.#isAnother(queue)) this.forget(index);
    const { sequences, ids } = this.#seen;
    for await (const page of queue.lookThrough(sequences.at(-1) ?? 0)) {
      for (const { message, sequence } of page) {
        const letter = await this.#describe(message, fillers);
        sequences.push(sequence);
        ids.push(letter.id);
        index.add(letter);
      }
      told();
    }
    // Some have left: who is there is only told by the places of all of them.
    if (queue.depth !== ids.length) await this.#left(index, queue);
  }

  forget(index: FailureIndex): void {
    for (const id of this.#seen.ids) index.delete(id);
    this.#seen = { sequences: [], ids: [] };
  }

  async #received(index: FailureIndex, queue: SqsQueue, fillers: Fillers): Promise<void> {
    const there = new Set<string>();
    const before = new Set(this.#seen.ids);
    const messages = await queue.look(LOOK_MAX_AWS);
    for (const message of messages) {
      const letter = await this.#describe(message, fillers);
      there.add(letter.id);
      index.add(letter);
    }
    // What somebody else has in his hands is not seen, and may come back; and a look ends somewhere.
    const isWhole = queue.inFlight === 0 && there.size < LOOK_MAX_AWS;
    for (const id of before) {
      if (there.has(id)) continue;
      if (isWhole) index.delete(id);
      else there.add(id);
    }
    this.#seen = { sequences: [], ids: [...there] };
  }

  /** Whether the engine was emptied since, and has a queue of that name again: it counts from the beginning. */
  async #isAnother(queue: SqsQueue): Promise<boolean> {
    const { sequences, ids } = this.#seen;
    const lastSequence = sequences.at(-1);
    if (lastSequence === undefined) return false;
    const oldest = await queue.oldest();
    if (oldest === undefined) return true;
    return oldest.sequence <= lastSequence && ids[sequences.indexOf(oldest.sequence)] !== idIn(this.#arn, oldest.id);
  }

  async #left(index: FailureIndex, queue: SqsQueue): Promise<void> {
    const { sequences, ids } = this.#seen;
    const stay: Seen = { sequences: [], ids: [] };
    let at = 0;
    for await (const [first, last] of queue.ranges()) {
      for (; (sequences[at] ?? Number.POSITIVE_INFINITY) < first; at += 1) index.delete(ids[at] as string);
      for (; (sequences[at] ?? Number.POSITIVE_INFINITY) <= last; at += 1) {
        stay.sequences.push(sequences[at] as number);
        stay.ids.push(ids[at] as string);
      }
    }
    for (; at < ids.length; at += 1) index.delete(ids[at] as string);
    this.#seen = stay;
  }

  async #describe(message: LookedAt, fillers: Fillers) {
    const { reasons, fingerprintOf } = this.#ports;
    const place = { kind: 'queue', arn: this.#arn, messageId: message.MessageId ?? '' } as const;
    return describeLetter(message, place, { fillers, fingerprintOf, reason: await reasons.of(message, fillers) });
  }
}

type Fillers = NonNullable<ReturnType<FailurePlaces['queues']['get']>>['fillers'];

const idIn = (queueArn: string, messageId: string): string => `${queueArn.split(':')[5]}/${messageId}`;
