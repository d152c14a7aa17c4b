import { describe, expect, it } from 'vitest';
import { idsFrom } from './ids.ts';
import { seededRandom } from './random.ts';

const draw = (random: { nextUnit(): number }, count = 5): number[] =>
  Array.from({ length: count }, () => random.nextUnit());

describe('seededRandom', () => {
  it('the same seed gives the same sequence, another seed another', () => {
    expect(draw(seededRandom(7))).toEqual(draw(seededRandom(7)));
    expect(draw(seededRandom(7))).not.toEqual(draw(seededRandom(8)));
  });

  it('drawing from a stream does not shift its parent or its siblings', () => {
    const undisturbed = seededRandom(7);
    const disturbed = seededRandom(7);
    draw(disturbed.stream('a'), 100);
    expect(draw(disturbed)).toEqual(draw(undisturbed));
    expect(draw(seededRandom(7).stream('b'))).toEqual(draw(disturbed.stream('b')));
    expect(draw(seededRandom(7).stream('a'))).not.toEqual(draw(seededRandom(7).stream('b')));
  });

  it('units are spread evenly over [0, 1)', () => {
    const units = draw(seededRandom(1), 100_000);
    expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...units)).toBeLessThan(1);
    expect(units.reduce((sum, unit) => sum + unit, 0) / units.length).toBeCloseTo(0.5, 2);
  });
});

describe('idsFrom', () => {
  it('gives version 4 UUIDs, all different', () => {
    const ids = idsFrom(seededRandom(1));
    const uuids = Array.from({ length: 10_000 }, () => ids.uuid());
    expect(uuids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it.each([1, 7, 8, 16, 56])('gives %i hexadecimal digits', (length) => {
    expect(idsFrom(seededRandom(1)).hex(length)).toMatch(new RegExp(`^[0-9a-f]{${length}}$`));
  });
});
