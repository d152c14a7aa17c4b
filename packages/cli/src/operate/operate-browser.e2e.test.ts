import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEngine } from '@holdfast/local';
import { expect, it, onTestFinished, vi } from 'vitest';
import { browserPath, launchBrowser } from '../../../../scripts/browser.ts';
import { addConsoleFiles } from '../../../../scripts/packages/console-files.ts';
import { mountConsole } from '../console/mount.ts';
import { badFriday, FRIDAY } from './bad-friday-bench.ts';
import { walkBadFriday } from './bad-friday-journey.ts';

const GUIDE = readFileSync(new URL('../../../../docs/operate.md', import.meta.url), 'utf8');

it.skipIf(browserPath === undefined)(
  'brings a bad day to its good end in a browser (needs Chromium)',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-operate-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    vi.stubEnv('HOLDFAST_DATA_DIR', join(directory, 'data'));
    onTestFinished(() => void vi.unstubAllEnvs());
    await addConsoleFiles('packages/cli/dist');
    await using engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: FRIDAY, seed: 7 });
    mountConsole(engine, {});
    const deployGood = await badFriday(engine, directory);
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    const seen: string[] = [];
    await walkBadFriday({
      page,
      endpoint: engine.endpoint,
      repair: /```json\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '',
      deployGood,
      seen: async (name) => seen.push(name),
    });
    expect(seen).toEqual(['overview', 'groups', 'failure', 'rehearsal', 'repair', 'question', 'job']);
  },
  300_000,
);
