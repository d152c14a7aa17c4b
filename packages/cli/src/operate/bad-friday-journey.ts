import type { Page } from 'playwright-core';
import { allowChanges } from '../console/allow-changes.ts';

/** What the walk through the console needs from who walks. */
export interface Journey {
  readonly page: Page;
  readonly endpoint: string;
  /** The repair of the guide. */
  readonly repair: string;
  /** Takes the mistake out of the parser. */
  readonly deployGood: () => Promise<void>;
  /** Called when there is something to be seen. */
  readonly seen: (name: string) => Promise<unknown>;
}

const LONG_MS = 120_000;

/**
 * The bad day of docs/operate.md by browser: found, grouped, understood, repaired, rehearsed, brought back with a canary,
 * verified, audited.
 */
export const walkBadFriday = async ({ page, endpoint, repair, deployGood, seen }: Journey): Promise<void> => {
  const open = async (hash: string, text: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(`${endpoint}/_holdfast/console/#/${hash}`);
    await page.getByText(text).first().waitFor();
    await page.evaluate('document.fonts.ready.then(() => true)');
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true }).first();

  await open('overview', 'Understand it');
  await page.getByText('csv-parser-dlq').first().waitFor();
  await seen('overview');
  await open('failures', 'One by one');
  await page
    .getByRole('link', { name: /^TypeError/ })
    .first()
    .waitFor();
  await page
    .getByRole('link', { name: /^MalformedEventError/ })
    .first()
    .waitFor();
  await seen('groups');

  // The mistake: nothing would be won by bringing it back now.
  await page
    .getByRole('link', { name: /^TypeError/ })
    .first()
    .click();
  await page.getByText('All groups').waitFor();
  await page.getByRole('grid').getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await seen('failure');
  await page.getByRole('link', { name: 'Repair and bring back' }).click();
  await button('Rehearse').click();
  await page.getByText(/\(0 succeeded, [1-9]\d* failed/).waitFor({ timeout: LONG_MS });
  await seen('rehearsal');
  await deployGood();

  // All of the queue: what the mistake left, and what the vendor announced wrongly.
  await page.getByLabel('Group').fill('');
  await page.getByLabel('Repair', { exact: true }).fill(repair);
  await button('Try the repair').click();
  await page.getByText('5 changed').waitFor();
  await button('Rehearse').click();
  await page.getByText(/[1-9]\d* succeeded, 0 failed, 0 not run/).waitFor({ timeout: LONG_MS });
  await page.getByLabel('Canary').fill('3');
  await button('Try the repair').click();
  await button('Plan').click();
  await page.getByText(/would move/).waitFor();
  await page.getByText('5 changed').waitFor();
  await seen('repair');
  await allowChanges(page);
  await button('Bring back').click();
  const question = page.getByRole('dialog');
  await question.getByText('csv-parser-dlq').waitFor();
  await seen('question');
  await question.getByRole('button', { name: 'Bring back', exact: true }).click();
  await page.getByRole('heading', { name: /: completed/ }).waitFor({ timeout: LONG_MS });
  await page
    .getByText(/failed 0, came back 0/)
    .first()
    .waitFor();
  await page.getByText(/each as it was written/).waitFor();
  await seen('job');
  await open('overview', 'nothing is being lost');
};
