import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQS } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserPath, launchBrowser } from '../../../../scripts/browser.ts';
import { addConsoleFiles } from '../../../../scripts/packages/console-files.ts';
import { ANY_CREDENTIALS } from '../target.ts';
import { allowChanges } from './allow-changes.ts';
import { failTraced, seedFailures } from './failures-bench.ts';
import { mountConsole } from './mount.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-console-'));
let engine: LocalEngine;
let sqs: SQS;
let from = '';
const api = async (name: string, input: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${engine.endpoint}/_holdfast/console/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  });
  return { status: answer.status, text: await answer.text() };
};

beforeAll(async () => {
  process.env['HOLDFAST_DATA_DIR'] = directory;
  await addConsoleFiles('packages/cli/dist');
  engine = await LocalEngine.start({ port: 0 });
  mountConsole(engine, {});
  sqs = new SQS({ endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS });
  from = await seedFailures(sqs, 12);
  const isRead = async () => expect((await api('totals', { query: {} })).text).not.toContain('"reading":');
  await vi.waitFor(isRead, { timeout: 60_000 });
}, 120_000);

afterAll(async () => {
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
  delete process.env['HOLDFAST_DATA_DIR'];
});

describe('the API of the console', () => {
  it('changes nothing in a session that is read-only', async () => {
    const request = { from };
    const answer = await api('redrive', { request, agreed: { session: 'guessed', arn: from } });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('read-only') });
  });

  it('changes only what was agreed to by its ARN', async () => {
    const { session } = JSON.parse((await api('allow', {})).text) as { session: string };
    const arn = `${from}-other`;
    const answer = await api('redrive', { request: { from }, agreed: { session, arn } });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('was agreed to') });
    await api('forbid', { session });
    expect(await api('redrive', { request: { from }, agreed: { session, arn: from } })).toMatchObject({ status: 403 });
  });

  it('answers no page of another site', async () => {
    expect((await api('jobs', {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await api('jobs', {}, { 'content-type': 'text/plain' })).status).toBe(403);
  });

  it('shows messages without a receive', async () => {
    const { messages } = JSON.parse((await api('messages', { arn: from })).text) as { messages: unknown[] };
    expect(messages).toHaveLength(12);
    const { session } = JSON.parse((await api('allow', {})).text) as { session: string };
    expect(session.length).toBeGreaterThan(30);
  });

  it('sends fewer bytes to who takes them', async () => {
    const head = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":{}}' };
    const url = `${engine.endpoint}/_holdfast/console/api/failures`;
    const encoded = async (encoding: string) => {
      const answer = await fetch(url, { ...head, headers: { ...head.headers, 'accept-encoding': encoding } });
      expect(JSON.parse(await answer.text())).toMatchObject({ failures: expect.anything() });
      return answer.headers.get('content-encoding');
    };
    expect([await encoded('gzip'), await encoded('identity')]).toEqual(['gzip', null]);
  });

  it('mutes no group for ever, and only one that was agreed to', async () => {
    const { session } = JSON.parse((await api('allow', {})).text) as { session: string };
    const [group] = JSON.parse((await api('groups', { query: {} })).text) as { fingerprint: { key: string } }[];
    const fingerprint = group?.fingerprint.key ?? '';
    const mark = (as: unknown, arn: string) => api('mark', { fingerprint, as, agreed: { session, arn } });
    expect(await mark({ reason: 'why' }, fingerprint)).toMatchObject({ status: 400 });
    expect(await mark('resolved', 'another')).toMatchObject({ status: 403 });
    expect(await mark({ untilFailures: 100, reason: 'why' }, fingerprint)).toMatchObject({ status: 200 });
    expect((await api('groups', { query: { state: 'muted' } })).text).toContain(fingerprint);
    expect(await mark('unmuted', fingerprint)).toMatchObject({ status: 200 });
  });

  it('is named where a browser opens the port, and S3 still lists its buckets there', async () => {
    const page = await fetch(engine.endpoint, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('/_holdfast/console/');
    expect(await (await fetch(engine.endpoint)).text()).toContain('ListAllMyBucketsResult');
  });
});

describe.skipIf(browserPath === undefined)('the console in a browser (needs Chromium)', () => {
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    // Without it colours fade into each other, and are looked at on the way.
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, reducedMotion: 'reduce' });
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(engine.endpoint) && !request.url().startsWith('data:')) faults.push(request.url());
    });
  });
  afterAll(() => browser?.close());

  const open = async (hash: string, text: string) => {
    await page.goto(`${engine.endpoint}/_holdfast/console/#/${hash}`);
    await page.getByText(text).first().waitFor();
  };
  const complaints = async () => {
    await page.evaluate(axe.source);
    return page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
    });
  };

  it.each([
    ['overview', 'What is lost soonest'],
    ['failures', 'One by one'],
    ['redrive', 'Look first'],
    ['jobs', 'No job yet'],
    ['executions', 'No execution yet'],
    ['clock', 'Advance by'],
    ['mail', 'No mail'],
  ])(
    'axe finds nothing on %s, light and dark',
    async (hash, text) => {
      await open(hash, text);
      const dark = page.getByRole('checkbox', { name: 'Dark' });
      for (const isDark of [false, true]) {
        if ((await dark.isChecked()) !== isDark) await dark.click();
        await page.locator(`body${isDark ? '' : ':not('}.awsui-dark-mode${isDark ? '' : ')'}`).waitFor();
        expect(await complaints()).toEqual([]);
      }
    },
    60_000,
  );

  it('is one step from the root path of the port', async () => {
    await page.goto(engine.endpoint);
    expect(await complaints()).toEqual([]);
    await page.getByRole('link', { name: /Console/ }).click();
    await page.getByText('What is lost soonest').waitFor();
  });

  it('shows a queue, a group and a failure so that axe finds nothing', async () => {
    await open(`queue?arn=${from}`, 'Looking counts no receive');
    await page.getByText('products-11.csv').first().waitFor();
    expect(await complaints()).toEqual([]);
    await open('failures', 'Say of it');
    await page
      .getByRole('link', { name: /no reason given|MaxReceiveCount/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Mute' }).waitFor();
    expect(await complaints()).toEqual([]);
    await page.getByRole('grid').getByRole('link').first().click();
    await page.getByText('Form of its body').waitFor();
    expect(await complaints()).toEqual([]);
  });

  it('shows how the body of a failure differs from what waits, and the trace of another', async () => {
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'csv-parser' });
    await sqs.sendMessage({ QueueUrl, DelaySeconds: 900, MessageBody: '{"vendor":"VEND001","file":{"key":"a.csv"}}' });
    await failTraced(engine.endpoint, sqs);
    const idOf = async (source: string): Promise<string | undefined> => {
      const { failures } = JSON.parse((await api('failures', { query: { source } })).text) as {
        failures: { id: string }[];
      };
      return failures[0]?.id;
    };
    // The failure page may be open already, from before there was anything to compare with.
    await page.goto('about:blank');
    await open(`failure?id=${await idOf('csv-parser')}`, 'Form of its body');
    await page.getByRole('row', { name: /^file string string – absent/ }).waitFor();
    await expect.poll(() => idOf('book'), { timeout: 20_000 }).toBeDefined();
    await open(`failure?id=${await idOf('book')}`, 'Form of its body');
    await page.getByRole('row', { name: /fault: TypeError: price of 4711 is null/ }).waitFor();
    expect(await complaints()).toEqual([]);
    await sqs.deleteQueue({ QueueUrl: QueueUrl?.replace('csv-parser', 'book-failed') });
  });

  const allow = () => allowChanges(page);
  const press = async (name: string, ready?: (dialog: Locator) => Promise<void>) => {
    await page.getByRole('button', { name, exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await ready?.(dialog);
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  it('mutes a group for a time and a reason, lets it speak again, and takes it as mended', async () => {
    await open('failures', 'Say of it');
    await allow();
    await press('Mute', async (dialog) => {
      expect(await dialog.getByRole('button', { name: 'Mute' }).isDisabled()).toBe(true);
      await dialog.getByLabel('Why').fill('the vendor knows');
    });
    await press('Unmute');
    await press('Resolve');
    await page.getByText('resolved', { exact: true }).first().waitFor();
  });

  it('stops the clock, moves it, and lets it run', async () => {
    await open('clock', 'Advance by');
    await allow();
    expect(await page.getByRole('button', { name: 'Advance' }).isDisabled()).toBe(true);
    await press('Stop it');
    await page.getByText('virtual: it stands still').waitFor();
    const before = engine.clock().now;
    await page.getByLabel('Advance by').fill('PT2M');
    await press('Advance');
    await expect.poll(() => Date.parse(engine.clock().now) - Date.parse(before)).toBe(120_000);
    await press('Let it run');
    await page.getByText('live', { exact: true }).waitFor();
  });

  it('pauses, resumes and cancels a job', async () => {
    const deadLetters = await seedFailures(sqs, 12, 'orders');
    await open(`redrive?from=${deadLetters}`, 'Look first');
    await allow();
    await page.getByLabel('Canary').fill('0');
    await page.getByLabel('Rate').fill('2');
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByText('12 of 12 would move').waitFor();
    await press('Bring back');
    await press('Pause');
    await page.getByRole('heading', { name: /: paused/ }).waitFor();
    expect(await complaints()).toEqual([]);
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'orders-dlq' });
    const left = async () => {
      const { Attributes } = await sqs.getQueueAttributes({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      });
      return Object.values(Attributes ?? {}).reduce((sum, each) => sum + Number(each), 0);
    };
    const paused = await left();
    expect(paused).toBeGreaterThan(0);
    await press('Resume');
    await expect.poll(left, { timeout: 5_000 }).toBeLessThan(paused);
    await press('Cancel');
    await page.getByRole('heading', { name: /: cancelled/ }).waitFor();
    expect(await left()).toBeGreaterThan(0);
    await page.getByText(/each as it was written/).waitFor();
    await press('Undo');
    await expect.poll(left, { timeout: 10_000 }).toBe(12);
  });

  it('leads from what is lost soonest to a repaired message that was brought back', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto('about:blank');
    await open('overview', 'Understand it');
    await page.getByRole('link', { name: 'Understand it' }).click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await complaints()).toEqual([]);
    await page.getByRole('link', { name: 'Repair and bring back' }).click();
    await page
      .getByLabel('Repair', { exact: true })
      .fill('{"name":"a vendor","when":[],"steps":[{"set":"vendor","to":"VEND001"}]}');
    await page.getByRole('button', { name: 'Try the repair' }).click();
    await page.getByText('12 changed').waitFor();
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByText('12 of 12 would move').waitFor();
    // Only the keyboard from here: the switch, the question, the answer.
    await page.getByRole('checkbox', { name: /Allow changes/ }).focus();
    await page.keyboard.press('Space');
    await page.getByText('Changes are allowed').waitFor();
    await page.getByLabel('Canary').fill('0');
    await page.getByRole('button', { name: 'Plan' }).press('Enter');
    await page.getByText('12 of 12 would move').waitFor();
    await page.getByRole('button', { name: 'Bring back' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText(from).waitFor();
    expect(await complaints()).toEqual([]);
    await dialog.getByRole('button', { name: 'Bring back' }).press('Enter');
    await page.getByText('moved 12, skipped 0, failed 0, came back 0').first().waitFor();
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'csv-parser' });
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
    expect(Messages.map(({ Body }) => JSON.parse(Body ?? '{}').vendor)).toEqual(Messages.map(() => 'VEND001'));
    await open('overview', 'orders-dlq');
  });

  it('shows what anybody may write into a queue as text, opens it, and axe finds nothing', async () => {
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'csv-parser-dlq' });
    const MessageBody = '{"Records":[null],"<img src=x onerror=alert(1)>":"<script>alert(1)</script>"}';
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes: { 'holdfast.origin': text('nothing') } });
    await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes: { ErrorMessage: text('<b onclick=alert(1)>') } });
    page.once('dialog', (dialog) => void faults.push(`dialog: ${dialog.message()}`));
    for (const said of ['no reason given', '<b onclick=alert(1)>']) {
      await page.goto('about:blank');
      await open('failures', 'One by one');
      expect(await complaints()).toEqual([]);
      await page.getByRole('link', { name: said, exact: true }).last().click();
      await page.getByRole('heading', { name: 'Timeline' }).waitFor();
      expect(await complaints()).toEqual([]);
    }
  });

  it('broke no rule of its content policy and asked nobody else', () => {
    expect(faults).toEqual([]);
  });
});
