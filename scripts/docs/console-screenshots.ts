/**
 * Draws the pictures of docs/console.md: an engine with failures, the console on it, a browser of this machine.
 * `node scripts/docs/console-screenshots.ts [directory]`
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQS } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { seedFailures } from '../../packages/cli/src/console/failures-bench.ts';
import { mountConsole } from '../../packages/cli/src/console/mount.ts';
import { ANY_CREDENTIALS } from '../../packages/cli/src/target.ts';
import { launchBrowser } from '../browser.ts';
import { addConsoleFiles } from '../packages/console-files.ts';

const to = process.argv[2] ?? 'docs/images';
mkdirSync(to, { recursive: true });
process.env['HOLDFAST_DATA_DIR'] = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
await addConsoleFiles('packages/cli/dist');
await using engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: new Date('2026-11-27T09:00:00Z') });
mountConsole(engine, {});
const sqs = new SQS({ endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS });
const from = await seedFailures(sqs, 24);
await engine.advance(3.2 * 86_400_000);

const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
const shoot = (name: string) => page.screenshot({ path: join(to, `console-${name}.png`) });
const open = async (hash: string, text: string) => {
  await page.goto(`${engine.endpoint}/_holdfast/console/#/${hash}`);
  await page.getByText(text).first().waitFor();
  await page.evaluate('document.fonts.ready.then(() => true)');
};
await open('overview', 'Understand it');
await page.getByText('csv-parser-dlq').first().waitFor();
await shoot('overview');
await page.emulateMedia({ colorScheme: 'dark' });
await page.goto('about:blank');
await open('overview', 'Understand it');
await page.getByText('csv-parser-dlq').first().waitFor();
await shoot('overview-dark');
await page.emulateMedia({ colorScheme: 'light' });
await page.goto('about:blank');
await open('overview', 'Understand it');
await page.getByRole('link', { name: 'Understand it' }).click();
await page.getByRole('heading', { name: 'Timeline' }).waitFor();
await shoot('failure');
await page.getByRole('link', { name: 'Repair and bring back' }).click();
await page
  .getByLabel('Repair', { exact: true })
  .fill(
    '{ "name": "a vendor", "when": [{ "path": "vendor", "is": "" }], "steps": [{ "set": "vendor", "to": "VEND001" }] }',
  );
await page.getByLabel('Canary').fill('0');
await page.getByRole('button', { name: 'Plan' }).click();
await page.getByText('24 of 24 would move').waitFor();
await page.getByRole('button', { name: 'Try the repair' }).click();
await page.getByText('24 changed').waitFor();
await shoot('repair');
await page.getByRole('checkbox', { name: /Allow changes/ }).click();
await page.getByText('Changes are allowed').waitFor();
await page.getByRole('button', { name: 'Bring back' }).click();
await page.getByRole('dialog').getByText(from).waitFor();
await shoot('question');
await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
await page.getByText('moved 24').first().waitFor();
await shoot('job');
await browser.close();
