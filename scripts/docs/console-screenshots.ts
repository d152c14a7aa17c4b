/**
 * Draws the pictures of docs/console.md and docs/operate.md: the bad day of the guide on an engine, the console on it, and a
 * browser of this machine that brings the day to its good end. `npm run docs:console [directory]`
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQS } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { failTraced } from '../../packages/cli/src/console/failures-bench.ts';
import { mountConsole } from '../../packages/cli/src/console/mount.ts';
import { badFriday, FRIDAY } from '../../packages/cli/src/operate/bad-friday-bench.ts';
import { walkBadFriday } from '../../packages/cli/src/operate/bad-friday-journey.ts';
import { ANY_CREDENTIALS } from '../../packages/cli/src/target.ts';
import { launchBrowser } from '../browser.ts';
import { addConsoleFiles } from '../packages/console-files.ts';

const to = process.argv[2] ?? 'docs/images';
mkdirSync(to, { recursive: true });
const directory = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
process.env['HOLDFAST_DATA_DIR'] = join(directory, 'data');
await addConsoleFiles('packages/cli/dist');
await using engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: FRIDAY, seed: 7 });
mountConsole(engine, {});
const deployGood = await badFriday(engine, directory);
const sqs = new SQS({ endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS });
const guide = readFileSync('docs/operate.md', 'utf8');
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const shoot = (name: string) => page.screenshot({ path: join(to, `console-${name}.png`) });
try {
  await walkBadFriday({
    page,
    endpoint: engine.endpoint,
    repair: /```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '',
    deployGood,
    seen: async (name) => {
      await shoot(name);
      if (name !== 'overview') return;
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.reload();
      await page.getByText('csv-parser-dlq').first().waitFor();
      await shoot('overview-dark');
      await page.emulateMedia({ colorScheme: 'light' });
    },
  });
  // What no function of the bad Friday does: it is traced.
  await failTraced(engine.endpoint, sqs);
  await engine.advance(60_000);
  const failed = page.getByRole('link', { name: /^TypeError: price of 4711/ });
  // Who fills a queue that was just made is asked for again after ten seconds.
  for (
    let isThere = false;
    !isThere;
    isThere = await failed.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    )
  ) {
    await page.goto('about:blank');
    await page.goto(`${engine.endpoint}/_holdfast/console/#/failures`);
  }
  await failed.click();
  await page.getByText(/fault: TypeError: price of 4711 is null/).waitFor();
  await page
    .getByRole('heading', { name: 'Trace' })
    .evaluate((heading: { scrollIntoView(): void }) => heading.scrollIntoView());
  await shoot('trace');
} catch (error) {
  await shoot('stopped-here');
  throw error;
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
