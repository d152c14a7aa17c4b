import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Log } from './log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-cleaning-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (): Log => new Log(directory, { segmentBytes: 10_000, isDurable: false, note: () => {} });
const files = (): readonly string[] => readdirSync(directory).filter((name) => name.startsWith('log-'));

/** Five keys and more in each of a dozen segments, all out of date but what is left under `kept`. */
const filled = (): Log => {
  const log = open();
  for (let number = 0; number < 100; number++) {
    log.write([{ collection: 'c', key: `${number}`, value: JSON.stringify('x'.repeat(1_000)) }]);
  }
  log.write([
    ...Array.from({ length: 100 }, (_, number) => ({ collection: 'c', key: `${number}`, value: undefined })),
    { collection: 'c', key: 'kept', value: '"here"' },
  ]);
  return log;
};

it('deletes one segment at a step: the file system takes its time for each', async () => {
  const log = filled();
  const before = files().length;
  expect(before).toBeGreaterThan(8);

  // The disk is waited for before anything is deleted.
  while (files().length >= 4) {
    const sofar = files().length;
    log.clean(1_000);
    expect(sofar - files().length).toBeLessThanOrEqual(1);
    await turn();
  }
  log.close();
});

it.each([0, 1, 3, 7])('what was not deleted after %i steps more than the first is, at the next start', async (more) => {
  const log = filled();
  const before = files().length;
  while (files().length === before) {
    log.clean(1_000);
    await turn();
  }
  for (let step = 0; step < more; step++) log.clean(1_000);
  if (more % 2 === 0) log.close();
  else log.closeInPeace();

  const again = open();

  const index = again.index('c');
  const location = index.get('kept');
  let count = 0;
  index.forEach(() => {
    count += 1;
  });
  expect(count).toBe(1);
  expect(location === undefined ? undefined : again.read(location)).toBe('"here"');
  while (files().length >= 4) {
    again.clean(1_000);
    await turn();
  }
  again.close();
});
