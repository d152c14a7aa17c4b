import { seededRandom } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../core/index.ts';
import { readCsv } from '../map-runs/csv.ts';
import { retryDelayMs } from '../running/retry.ts';
import { parseIntrinsic } from './intrinsic.ts';
import { evaluatePath, putAt } from './json-path.ts';
import { isReferencePath, parsePath } from './json-path-syntax.ts';

/** Names as they are written in brackets: quotes and backslashes get one before them. */
const bracketed = (name: string): string => `['${name.replace(/[\\']/g, '\\$&')}']`;

describe('paths', () => {
  it('lead to what was put where they lead', () => {
    const names = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, fc.jsonValue(), (path, value) => {
        const text = `$${path.map(bracketed).join('')}`;
        expect(isReferencePath(text)).toBe(true);
        const parsed = parsePath(text);
        expect(evaluatePath(parsed, putAt(parsed, {}, value as Json))).toEqual(value);
      }),
    );
  });

  it('are read or refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const read of [() => parsePath(`$${text}`), () => parseIntrinsic(`States.Format(${text})`)]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect((error as Error).name).not.toBe('TypeError');
          }
        }
      }),
    );
  });
});

describe('retries', () => {
  it('wait no longer than they may, and stop when they must', () => {
    const retrier = fc.record({
      IntervalSeconds: fc.integer({ min: 1, max: 100 }),
      MaxAttempts: fc.integer({ min: 0, max: 10 }),
      BackoffRate: fc.double({ min: 1, max: 4, noNaN: true }),
      MaxDelaySeconds: fc.integer({ min: 1, max: 1_000 }),
      JitterStrategy: fc.constantFrom('FULL', 'NONE'),
    });
    fc.assert(
      fc.property(retrier, fc.integer({ min: 1, max: 12 }), fc.nat(), (given, attempt, seed) => {
        const delayMs = retryDelayMs(given, attempt, seededRandom(seed));
        const most = Math.min(given.IntervalSeconds * given.BackoffRate ** (attempt - 1), given.MaxDelaySeconds);
        if (attempt > given.MaxAttempts) expect(delayMs).toBeUndefined();
        else if (given.JitterStrategy === 'NONE') expect(delayMs).toBe(Math.round(most * 1_000));
        else expect(delayMs).toSatisfy((ms: number) => ms >= 0 && ms <= Math.round(most * 1_000));
      }),
    );
  });
});

describe('CSV', () => {
  it('is read as it was written', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', 'é') });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (written) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = written.map((row) => row.map(quoted).join(',')).join('\r\n');
        expect(readCsv(text)).toEqual(written);
      }),
    );
  });
});
