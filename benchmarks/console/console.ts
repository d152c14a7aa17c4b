import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEngine } from '@holdfast/local';
import type { Page } from 'playwright-core';
import { mountConsole } from '../../packages/cli/src/console/mount.ts';
import { launchBrowser } from '../../scripts/browser.ts';
import { addConsoleFiles } from '../../scripts/packages/console-files.ts';

const ACCOUNT = '000000000000';
const FUNCTIONS = 5;
const ERRORS = [
  "TypeError: Cannot read properties of undefined (reading 'total')",
  'Error: connect ECONNREFUSED 10.0.3.17:5432',
  'ValidationError: price "N/A" is no number',
  'Task timed out after 30.00 seconds',
  'ProvisionedThroughputExceededException: The level of configured provisioned throughput was exceeded',
  'AccessDenied: Access Denied',
  'SyntaxError: Unexpected end of JSON input',
  'Error: socket hang up',
] as const;
const BATCH = 10;
const RECORDS_AT_ONCE = 1_000;

/** What an on-failure destination writes of the nth failed event. */
const recordOf = (n: number): string => {
  const name = `worker-${n % FUNCTIONS}`;
  const [errorType = '', ...words] = (ERRORS[n % ERRORS.length] ?? '').split(': ');
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(Date.now() - (n % 86_400) * 1_000).toISOString(),
    requestContext: {
      requestId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      functionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { order: { id: n, vendor: `VEND${n % 1_000}` } },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType, errorMessage: words.join(': ') || errorType, trace: [] },
  });
};

/** Puts so many failures of functions into a dead-letter queue, without a client in between: that is not what is measured. */
const fill = async (engine: LocalEngine, failures: number): Promise<void> => {
  const call = (action: string, input: object) => engine.engine.call('sqs', action, input, engine.context());
  call('CreateQueue', { QueueName: 'workers-dlq' });
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${ACCOUNT}:workers-dlq`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
  call('CreateQueue', { QueueName: 'workers', Attributes: { RedrivePolicy } });
  const QueueUrl = `${engine.endpoint}/${ACCOUNT}/workers-dlq`;
  for (let n = 0; n < failures; n += BATCH) {
    const Entries = Array.from({ length: Math.min(BATCH, failures - n) }, (_, index) => ({
      Id: String(index),
      MessageBody: recordOf(n + index),
    }));
    call('SendMessageBatch', { QueueUrl, Entries });
    // The engine's other work has its turn.
    if (n % RECORDS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Milliseconds of each step; those that somebody waits for have bounds in the table, the others are told. */
export interface ConsoleResult {
  readonly failures: number;
  /** Until somebody who opens the console of an engine that was just filled sees how many were read. */
  readonly firstSightMs: number;
  /** The longest that the page had to wait for what is lost soonest while the ledger read. */
  readonly whileReadingMs: number;
  /** Until the ledger has read all of them for the first time. */
  readonly firstReadMs: number;
  readonly pageLoadMs: number;
  readonly firstPageMs: number;
  readonly groupsMs: number;
  readonly searchMs: number;
  /** What a look takes when one failure is gone. */
  readonly afterOneLeftMs: number;
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/** The middle of several. */
const middle = async (work: () => Promise<number>, times: number): Promise<number> => {
  const took: number[] = [];
  for (let at = 0; at < times; at += 1) took.push(await work());
  return took.sort((a, b) => a - b)[times >> 1] ?? 0;
};

/** An answer to the page, from the request to its last byte, as the browser measures it. */
const answerMs = (page: Page, name: string, input: object): Promise<number> =>
  page.evaluate(
    async ([path, body]) => {
      const begun = performance.now();
      const headers = { 'content-type': 'application/json' };
      await (await fetch(`/_holdfast/console/api/${path}`, { method: 'POST', headers, body: body as string })).text();
      return performance.now() - begun;
    },
    [name, JSON.stringify(input)] as const,
  );

const isReading = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/_holdfast/console/api/totals', { method: 'POST', headers, body: '{"query":{}}' });
    return (await answer.text()).includes('"reading":');
  });

/** Opens the console on an engine with so many failures, in the Chromium of this machine. */
export const measureConsole = async (failures: number): Promise<ConsoleResult> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-console-'));
  process.env['HOLDFAST_DATA_DIR'] = directory;
  await addConsoleFiles('packages/cli/dist');
  await using engine = await LocalEngine.start({ port: 0 });
  mountConsole(engine, {});
  await fill(engine, failures);
  const browser = await launchBrowser();
  try {
    const url = `${engine.endpoint}/_holdfast/console/`;
    const page = await browser.newPage();
    // The browser has the files of the page, as that of somebody on call has.
    await page.goto(`${url}#/clock`);
    await page.getByText('Advance by').waitFor();
    await page.goto('about:blank');
    const begun = performance.now();
    const firstSightMs = await timed(async () => {
      await page.goto(`${url}#/overview`);
      await page
        .getByText(/of [\d,]+ messages in dead-letter queues|Understand it/)
        .first()
        .waitFor();
    });
    let whileReadingMs = 0;
    while (await isReading(page)) whileReadingMs = Math.max(whileReadingMs, await answerMs(page, 'atRisk', {}));
    const firstReadMs = performance.now() - begun;
    const load = async (): Promise<number> => {
      await page.goto('about:blank');
      return timed(async () => {
        await page.goto(`${url}#/overview`);
        await page.getByText('Understand it').waitFor();
      });
    };
    await load();
    const result = {
      failures,
      firstSightMs,
      whileReadingMs,
      firstReadMs,
      pageLoadMs: await middle(load, 5),
      firstPageMs: await middle(() => answerMs(page, 'failures', { query: {} }), 5),
      groupsMs: await middle(() => answerMs(page, 'groups', { query: {} }), 5),
      searchMs: await middle(() => answerMs(page, 'groups', { query: { text: 'VEND77' } }), 3),
    };
    const QueueUrl = `${engine.endpoint}/${ACCOUNT}/workers-dlq`;
    const call = (action: string, input: object) => engine.engine.call('sqs', action, input, engine.context());
    const { Messages: [one] = [] } = (await call('ReceiveMessage', { QueueUrl })) as {
      Messages?: { ReceiptHandle: string }[];
    };
    call('DeleteMessage', { QueueUrl, ReceiptHandle: one?.ReceiptHandle });
    return { ...result, afterOneLeftMs: await answerMs(page, 'totals', { query: {} }) };
  } finally {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

const milliseconds = (ms: number): string =>
  `${ms < 1_000 ? ms.toFixed(0) : (ms / 1_000).toFixed(1)}${ms < 1_000 ? ' ms' : ' s'}`;

export const consoleText = (result: ConsoleResult): string =>
  [
    `| ${result.failures.toLocaleString('en')} failures | | bound |`,
    '| --- | ---: | ---: |',
    `| the first sight of a ledger that nobody has read | ${milliseconds(result.firstSightMs)} | 1 s |`,
    `| what is lost soonest, at worst, while it reads | ${milliseconds(result.whileReadingMs)} | 1 s |`,
    `| the page is there | ${milliseconds(result.pageLoadMs)} | 1 s |`,
    `| first page of failures | ${milliseconds(result.firstPageMs)} | 200 ms |`,
    `| groups | ${milliseconds(result.groupsMs)} | 1 s |`,
    `| groups of a text | ${milliseconds(result.searchMs)} | 1 s |`,
    `| a look after one was brought back | ${milliseconds(result.afterOneLeftMs)} | – |`,
    `| until the ledger has read all of them | ${milliseconds(result.firstReadMs)} | – |`,
  ].join('\n');
