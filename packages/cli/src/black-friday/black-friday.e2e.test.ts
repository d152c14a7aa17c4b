import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { keptAssembly } from '@holdfast/stacks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployVendorOnboarding } from '../deploy.ts';
import type { Target } from '../target.ts';
import { virtualTime } from '../time-line.ts';
import { Pipeline } from './pipeline.ts';
import { type RunOptions, runBlackFriday } from './run.ts';
import { View } from './view.ts';
import { listUploads } from './workload.ts';

const HOUR_MS = 3_600_000;

/** A burst that fifty slots cannot take: some files wait, some go through the dead-letter queue. */
const BURST = {
  windowMs: 1_000,
  copies: 1,
  parserLatencyMs: 40_000,
  failVendor: '',
  patienceMs: HOUR_MS,
  lookEveryMs: 30_000,
} satisfies Omit<RunOptions, 'files' | 'run' | 'signal'>;

describe('Black Friday in virtual time', () => {
  let directory: string;
  let engine: LocalEngine;
  let target: Target;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-black-friday-'));
    engine = await LocalEngine.start({ port: 0, dataDir: join(directory, 'state') });
    await deployVendorOnboarding(engine, 'schedule', keptAssembly('VendorOnboarding'));
    target = {
      endpoint: engine.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
  }, 180_000);

  afterAll(async () => {
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  });

  let shown = '';

  const run = async (options: Partial<RunOptions> & Pick<RunOptions, 'run' | 'files'>) => {
    const time = await virtualTime(target);
    shown = '';
    const screen = {
      write: (text: string) => {
        shown += text;
      },
    };
    try {
      return await runBlackFriday(await Pipeline.find(target), time, new View(screen), {
        ...BURST,
        signal: new AbortController().signal,
        ...options,
      });
    } finally {
      await time.end();
    }
  };

  it('one vendor whose files always fail is alerted after five retries; all others are done, none is lost', async () => {
    const files = listUploads(VENDOR_UPLOADS_DIR, 120, 'first');
    const ofVendor = files.filter(({ key }) => key.startsWith('uploads/VEND003/first-'));
    const { report, accounts } = await run({ run: 'first', files, failVendor: 'VEND003', copies: 2 });

    expect(report.files).toMatchObject({
      total: files.length,
      done: files.length - ofVendor.length,
      failed: ofVendor.length,
      lost: 0,
    });
    expect(report.files.viaDlq).toBeGreaterThan(ofVendor.length);
    expect(report.alerts).toBe(ofVendor.length);
    expect(report.rejectedRows).toBeGreaterThan(0);
    expect(accounts.filter(({ path }) => path === 'alerted').map(({ key }) => key)).toEqual(
      ofVendor.map(({ key }) => key),
    );
    expect(report.virtualSeconds).toBeGreaterThan(300);
    // Who waits before the parser's code has a slot.
    expect(shown).toContain('running 50 ');
  }, 300_000);

  const parserVariables = async () => {
    const lambda = new LambdaClient(target);
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'csv-parser' }));
    return Environment?.Variables;
  };

  it("a second run judges its own files, and waits for nobody else's messages", async () => {
    const sqs = new SQSClient(target);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'csv-parser-dlq' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'of somebody else', DelaySeconds: 0 }));
    const files = listUploads(VENDOR_UPLOADS_DIR, 8, 'second');
    const { report } = await run({ run: 'second', files, parserLatencyMs: 0 });

    expect(report).toMatchObject({
      run: 'second',
      alerts: 0,
      files: { total: 8, done: 8, failed: 0, lost: 0, throttled: 0 },
    });
    expect(report.products).toBeGreaterThan(0);
    expect(report.virtualSeconds).toBeLessThan(300);
  }, 120_000);

  it('an interrupted run puts back what it changed', async () => {
    const before = await parserVariables();
    const controller = new AbortController();
    const files = listUploads(VENDOR_UPLOADS_DIR, 8, 'third');
    const ended = run({ run: 'third', files, failVendor: 'VEND001', signal: controller.signal, windowMs: HOUR_MS });
    while ((await parserVariables())?.['FAIL_VENDOR'] !== 'VEND001')
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.faults.states()).toMatchObject([
      { functionArn: expect.stringMatching(/:csv-parser$/), delayMs: 40_000 },
    ]);
    controller.abort(new Error('enough'));

    await expect(ended).rejects.toThrow('enough');
    expect(await parserVariables()).toEqual(before);
    expect(engine.faults.states()).toEqual([]);
    expect(engine.clock().mode).toBe('live');
  }, 120_000);
});
