import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { readAudit } from '@holdfast/ledger';
import { expect, it, onTestFinished } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../cli/bin/holdfast.mjs', import.meta.url));
const EVENTS = 60;
const ORDERS = Array.from({ length: EVENTS }, (_, number) => `order-${number}`);

interface Ready {
  readonly endpoint: string;
  readonly stacks?: readonly { readonly outputs: Readonly<Record<string, string>> }[];
}

/** The `holdfast` command, until its line for scripts says that it is ready. */
const start = async (...words: string[]): Promise<{ child: ChildProcess; ready: Ready }> => {
  const child = spawn(process.execPath, [COMMAND, ...words, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return { child, ready: JSON.parse(line) as Ready };
  }
  throw new Error('it ended before it was ready');
};

it('a kill -9 in the middle of a redrive loses nothing and doubles nothing in effect', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-ingestion-kill-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const at = ['--data-dir', join(directory, 'data')];
  const first = await start('up', '--stack', 'IngestionLab', '--port', '0', ...at);
  const { endpoint } = first.ready;
  const { port } = new URL(endpoint);
  const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sqs = new SQSClient(client);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'ingestion-events-dlq-dev' }));
  const waiting = async (): Promise<number> => {
    const AttributeNames = ['All'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages']) + Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
    );
  };
  const api = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const apiUrl = first.ready.stacks?.[0]?.outputs['ApiUrl'] ?? '';
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${apiUrl}${path}`, init)).json()) as Record<string, unknown>;
  };
  const clock = (body: object) =>
    fetch(`${endpoint}/_holdfast/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const setMode = async (Value: string): Promise<void> => {
    const Name = '/ingestion/failure_mode';
    await new SSMClient(client).send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    await clock({ advance: 'PT10S' });
  };

  await clock({ mode: 'virtual', advance: 'PT1S' });
  await setMode('poison_payload');
  // One after the other: each at the same time would be a cold start of its own.
  for (const orderId of ORDERS) await api('/events', { orderId, amount: 1 });
  await clock({ advance: 'PT3M' });
  expect(await waiting()).toBe(EVENTS);
  await setMode('none');
  const { jobId } = await api('/redrive/start', { maxMessages: 1_000, rate: 2 });

  const moving = clock({ advance: 'PT10M' }).catch(() => {});
  while ((await waiting()) > EVENTS * 0.6) await new Promise((resolve) => setTimeout(resolve, 5));
  const ended = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await Promise.all([ended, moving]);

  await start('serve', '--port', port, ...at);
  const left = await waiting();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(EVENTS);
  await clock({ advance: 'PT30M' });
  expect(await api(`/redrive/${jobId}`)).toMatchObject({ state: 'completed', moved: EVENTS, failed: 0, cameBack: 0 });
  expect(await waiting()).toBe(0);
  for (const orderId of ORDERS) {
    expect(await api(`/events/${orderId}`)).toMatchObject({ status: 'PROCESSED', effects: 1 });
  }
  const apiUrl = first.ready.stacks?.[0]?.outputs['ApiUrl'];
  const { entries, fault } = readAudit(await (await fetch(`${apiUrl}/redrive/${jobId}/audit`)).text());
  expect(fault).toBeUndefined();
  expect(entries.filter(({ step }) => step === 'deleted').length).toBeGreaterThanOrEqual(EVENTS - 32);
}, 900_000);
