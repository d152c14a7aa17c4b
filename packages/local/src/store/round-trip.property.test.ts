import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogStore } from './log-store.ts';

const OPTIONS = { reserveBytes: 1_024, fsync: 'never', segmentBytes: 2_000, note: () => {} } as const;

/** Any text at all; half characters are refused, and must be. */
const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', ' ', '\n', '\0', '1 2 3', '\ud800'),
);
const change = fc.record({
  collection: fc.constantFrom('a', 'b.c'),
  key,
  value: fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined }),
  endsTurn: fc.boolean(),
  restarts: fc.boolean(),
});

it('whatever is accepted comes back as it was, before and after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
      const directory = mkdtempSync(join(tmpdir(), 'holdfast-round-trip-'));
      let store = new LogStore(directory, OPTIONS);
      const expected = new Map<string, string>();
      const check = (): void => {
        const found = ['a', 'b.c'].flatMap((name) =>
          [...store.collection(name).entries()].map(
            ([row, value]) => [`${name} ${row}`, JSON.stringify(value)] as const,
          ),
        );
        expect(new Map(found)).toEqual(expected);
      };
      try {
        for (const { collection, key: row, value, endsTurn, restarts } of changes) {
          const rows = store.collection<unknown>(collection);
          if (value === undefined) {
            rows.delete(row);
            expected.delete(`${collection} ${row}`);
          } else if (row.isWellFormed()) {
            rows.put(row, value);
            expected.set(`${collection} ${row}`, JSON.stringify(value));
          } else expect(() => rows.put(row, value)).toThrow('is no text that can be stored');
          if (endsTurn) await store.durable();
          if (restarts) {
            store.close();
            store = new LogStore(directory, OPTIONS);
            check();
          }
        }
        check();
      } finally {
        store.close();
        rmSync(directory, { recursive: true, force: true });
      }
    }),
    { numRuns: 30 },
  );
});
