import { compareSequenceNumbers } from '../shard-log.ts';
import type { Collection, Store } from '../store.ts';
import type { SourceRecord } from '../stream-source.ts';
import type { OpenWindow } from './stream-window.ts';

/** How far one shard has been worked on for one reader. */
export interface Checkpoint {
  /** Per lane, the sequence number that everything of the lane up to is done. */
  readonly lanes: readonly string[];
  /** Lanes of earlier parallelization factors: what they had done already is not done again. */
  readonly earlier?: readonly (readonly string[])[];
  /** The shard is closed and done to its end. */
  readonly isFinished?: true;
  /** The tumbling window that is open, with its state as of the lanes' positions. */
  readonly window?: OpenWindow;
}

/** Spreads keys over lanes: FNV-1a, so that a key always finds the same lane. */
export const laneOf = (orderKey: string, count: number): number => {
  if (count === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < orderKey.length; index++) {
    hash = Math.imul(hash ^ orderKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % count;
};

const lowest = (numbers: readonly string[]): string =>
  numbers.reduce((low, number) => (compareSequenceNumbers(number, low) < 0 ? number : low));

const highest = (numbers: readonly string[]): string =>
  numbers.reduce((high, number) => (compareSequenceNumbers(number, high) > 0 ? number : high));

/** The same progress cut into another number of lanes. */
export const withLanes = (checkpoint: Checkpoint, count: number): Checkpoint => {
  const { lanes, earlier = [] } = checkpoint;
  if (lanes.length === count) return checkpoint;
  const from = lowest(lanes);
  return { ...checkpoint, lanes: Array.from({ length: count }, () => from), earlier: [...earlier, lanes] };
};

/** Without earlier lanes that all present ones have passed. */
const pruned = (checkpoint: Checkpoint): Checkpoint => {
  const { earlier, ...rest } = checkpoint;
  if (earlier === undefined) return checkpoint;
  const from = lowest(checkpoint.lanes);
  const kept = earlier.filter((lanes) => compareSequenceNumbers(highest(lanes), from) > 0);
  return kept.length === 0 ? rest : { ...rest, earlier: kept };
};

/** Whether a record was done before the lanes were cut anew. */
export const wasDone = ({ earlier }: Checkpoint, record: SourceRecord): boolean =>
  earlier?.some((lanes) => {
    const position = lanes[laneOf(record.orderKey, lanes.length)] as string;
    return compareSequenceNumbers(record.sequenceNumber, position) <= 0;
  }) === true;

/** The durable progress of the readers of streams, by reader and shard. */
export class StreamCheckpoints {
  readonly #stored: Collection<Checkpoint>;
  readonly #byReader = new Map<string, Map<string, Checkpoint>>();

  /** `collection` is whose checkpoints they are, e.g. `lambda.stream-checkpoints`. */
  constructor(store: Store, collection: string) {
    this.#stored = store.collection(collection);
    for (const [key, checkpoint] of this.#stored.entries()) {
      const slash = key.indexOf('/');
      this.#of(key.slice(0, slash)).set(key.slice(slash + 1), checkpoint);
    }
  }

  get(readerId: string, shardId: string): Checkpoint | undefined {
    return this.#byReader.get(readerId)?.get(shardId);
  }

  save(readerId: string, shardId: string, checkpoint: Checkpoint): void {
    const kept = pruned(checkpoint);
    this.#of(readerId).set(shardId, kept);
    this.#stored.put(`${readerId}/${shardId}`, kept);
  }

  /** Forgets shards that the stream no longer has. */
  retain(readerId: string, shardIds: ReadonlySet<string>): void {
    const checkpoints = this.#byReader.get(readerId);
    for (const shardId of checkpoints?.keys() ?? []) {
      if (shardIds.has(shardId)) continue;
      checkpoints?.delete(shardId);
      this.#stored.delete(`${readerId}/${shardId}`);
    }
  }

  forget(readerId: string): void {
    this.retain(readerId, new Set());
    this.#byReader.delete(readerId);
  }

  #of(readerId: string): Map<string, Checkpoint> {
    let checkpoints = this.#byReader.get(readerId);
    if (checkpoints === undefined) {
      checkpoints = new Map();
      this.#byReader.set(readerId, checkpoints);
    }
    return checkpoints;
  }
}
