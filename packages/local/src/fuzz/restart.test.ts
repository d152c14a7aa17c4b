import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FuzzEngine } from './fuzz-engine.ts';

/** Most writes fit: what is refused leaves nothing to compare. */
const ODD_SHARE = 0.3;

it.each([1, 2])(
  'answers every look after a restart as before it, whatever any operation wrote (seed %i)',
  async (seed) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-restart-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const written = await FuzzEngine.start(seed, {
      dataDir,
      clock: 'virtual',
      startAt: new Date('2026-01-01T00:00:00Z'),
    });
    const { statuses } = await written.run(4_000, { oddShare: ODD_SHARE });
    // Some looks leave their mark themselves, such as the day a secret was last read.
    await written.look(3, seed);
    const before = await written.look(3, seed);
    await written.close();
    const restarted = await FuzzEngine.start(seed, { dataDir }, true);
    const after = await restarted.look(3, seed);
    await restarted.close();
    expect(after).toEqual(before);
    expect(statuses['200']).toBeGreaterThan(300);
  },
);
