import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { justBefore, LAST_POSITION, nextPosition, parseSequenceNumber, sequenceNumber } from './sequence-number.ts';

const seconds = fc.integer({ min: 0, max: 8_000_000_000 }).map((value) => value * 1_000);
const parts = fc.record({
  shardCreatedAt: seconds,
  shardIndex: fc.nat(2 ** 31 - 1),
  position: fc.bigInt({ min: 0n, max: LAST_POSITION }),
  at: seconds,
});

describe('a sequence number', () => {
  it('has 56 digits and gives back what it was made of', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const text = sequenceNumber(given);
        expect(text).toMatch(/^\d{56}$/);
        expect(parseSequenceNumber(text)).toEqual(given);
      }),
    );
  });

  it('is greater for a later position, and for a shard that was created later', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const [first, second] = [sequenceNumber(a), sequenceNumber(b)];
        if (a.shardCreatedAt < b.shardCreatedAt) expect(first < second).toBe(true);
        const later = sequenceNumber({ ...a, position: b.position });
        if (a.position < b.position) expect(first < later).toBe(true);
      }),
    );
  });

  it('comes directly after the number just before it', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const text = sequenceNumber(given);
        expect(justBefore(text) < text).toBe(true);
        expect(BigInt(justBefore(text)) + 1n).toBe(BigInt(text));
      }),
    );
  });

  it('always grows, also when the time stands still', () => {
    const first = nextPosition(0n, 1_000);
    const second = nextPosition(first, 1_000);
    expect(second > first).toBe(true);
    expect(nextPosition(second, 1_001) > second).toBe(true);
  });

  it.each(['', '5', 'x'.repeat(56), '9'.repeat(56), '1'.repeat(56)])('is not %j', (text) => {
    expect(parseSequenceNumber(text)).toBeUndefined();
  });
});
