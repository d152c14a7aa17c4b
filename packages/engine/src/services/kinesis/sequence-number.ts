import type { EpochMs } from '@holdfast/kernel';

/** What a sequence number is made of. All of them have 56 digits, so they compare as text. */
export interface SequenceParts {
  /** Whole seconds. */
  readonly shardCreatedAt: EpochMs;
  readonly shardIndex: number;
  /** Increases within the shard. */
  readonly position: bigint;
  readonly at: EpochMs;
}

/** Position of a closed shard's ending number: beyond every record's. */
export const LAST_POSITION = 0x7fffffffffffffffn;

const VERSION = 2n;
const LEAD = 2n;

/**
 * Writes a sequence number in AWS's form: 186 bits of version, shard, position and time. A shard that was created
 * later has greater numbers.
 */
export const sequenceNumber = ({ shardCreatedAt, shardIndex, position, at }: SequenceParts): string => {
  let bits = LEAD;
  bits = (bits << 36n) | BigInt(Math.floor(shardCreatedAt / 1_000));
  bits = (bits << 4n) | BigInt(shardIndex & 15);
  bits = (bits << 64n) | position;
  bits = (bits << 44n) | BigInt(Math.floor(at / 1_000));
  bits = (bits << 32n) | BigInt(shardIndex);
  return ((bits << 4n) | VERSION).toString();
};

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Takes a sequence number apart; `undefined` when the text is none. */
export const parseSequenceNumber = (text: string): SequenceParts | undefined => {
  if (!/^\d{56}$/.test(text)) return undefined;
  const bits = BigInt(text);
  if (bits >> 184n !== LEAD || (bits & mask(4)) !== VERSION) return undefined;
  return {
    shardIndex: Number((bits >> 4n) & mask(32)),
    at: Number((bits >> 36n) & mask(44)) * 1_000,
    position: (bits >> 80n) & mask(64),
    shardCreatedAt: Number((bits >> 148n) & mask(36)) * 1_000,
  };
};

/** A number that everything from `text` on comes after. */
export const justBefore = (text: string): string => (BigInt(text) - 1n).toString();

const POSITIONS_PER_MS = 1n << 20n;

/**
 * The next position in a shard. It follows the time, so that it keeps growing after a restart even when all earlier
 * records have been trimmed.
 */
export const nextPosition = (last: bigint, now: EpochMs): bigint => {
  const fromTime = BigInt(now) * POSITIONS_PER_MS;
  return last >= fromTime ? last + 1n : fromTime;
};
