import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Place, Roster } from './roster.ts';

describe('a roster', () => {
  it('has who came and has not left, in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(30))), (steps) => {
        const roster = new Roster<number>();
        const expected = new Set<number>();
        const places: Place[] = [];
        for (const step of steps) {
          if (step === 'add') {
            expected.add(places.length);
            places.push(roster.add(places.length));
          } else {
            places[step]?.leave();
            expected.delete(step);
          }
          expect(roster.items()).toEqual([...expected]);
          expect(roster.size).toBe(expected.size);
        }
      }),
    );
  });

  it('is empty after it was cleared, and takes others', () => {
    const roster = new Roster<string>();
    const place = roster.add('a');
    roster.clear();
    place.leave();
    expect(roster.items()).toEqual([]);
    roster.add('b');
    expect(roster.items()).toEqual(['b']);
    expect(roster.size).toBe(1);
  });
});
