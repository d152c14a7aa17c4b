import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSequenceNumbers, ShardLog, type ShardLogEntry } from './shard-log.ts';

describe('a shard log', () => {
  it('orders numbers by value, however long they are', () => {
    expect(compareSequenceNumbers('9', '10')).toBeLessThan(0);
    expect(compareSequenceNumbers('11', '10')).toBeGreaterThan(0);
    expect(compareSequenceNumbers('10', '10')).toBe(0);
  });

  it('reads and trims like a list that is searched from its beginning', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ put: fc.integer({ min: 0, max: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ trimAgo: fc.integer({ min: 0, max: 20 }) }) },
      { weight: 2, arbitrary: fc.record({ readAfter: fc.nat(400), max: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 2, arbitrary: fc.record({ lastBeforeAgo: fc.integer({ min: -2, max: 20 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const log = new ShardLog<ShardLogEntry>();
        let model: ShardLogEntry[] = [];
        let [now, next] = [100, 1];
        for (const action of steps) {
          if ('put' in action) {
            now += action.put;
            const entry = { sequenceNumber: String(next), arrivedAt: now };
            next += 2;
            log.append(entry);
            model.push(entry);
          } else if ('trimAgo' in action) {
            const removed: ShardLogEntry[] = [];
            log.trim(now - action.trimAgo, (entry) => removed.push(entry));
            expect(removed).toEqual(model.filter((entry) => entry.arrivedAt <= now - action.trimAgo));
            model = model.filter((entry) => entry.arrivedAt > now - action.trimAgo);
          } else if ('readAfter' in action) {
            const expected = model.filter((entry) => Number(entry.sequenceNumber) > action.readAfter);
            expect(log.readAfter(String(action.readAfter), action.max)).toEqual(expected.slice(0, action.max));
          } else {
            const before = model.filter((entry) => entry.arrivedAt < now - action.lastBeforeAgo);
            expect(log.lastBefore(now - action.lastBeforeAgo)).toEqual(before.at(-1));
          }
          expect([...log]).toEqual(model);
          expect([log.size, log.oldest, log.newest]).toEqual([model.length, model[0], model.at(-1)]);
        }
      }),
    );
  });

  it('frees what it has trimmed', () => {
    const log = new ShardLog<ShardLogEntry>();
    for (let n = 0; n < 10_000; n++) log.append({ sequenceNumber: String(100_000 + n), arrivedAt: n });

    let removed = 0;
    log.trim(8_999, () => {
      removed += 1;
    });

    expect([removed, log.size, log.oldest?.arrivedAt]).toEqual([9_000, 1_000, 9_000]);
    expect(log.readAfter('109997', 10).map((entry) => entry.arrivedAt)).toEqual([9_998, 9_999]);
  });
});
