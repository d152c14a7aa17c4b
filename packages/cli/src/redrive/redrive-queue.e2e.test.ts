import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { readAudit } from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';
import { planQueue, type RedriveWords, redriveQueue } from './redrive-queue.ts';

const REQUEST: RedriveWords = {
  perSecond: 500,
  canary: 0,
  watchMs: 0,
  cameBackShareMax: 0.1,
  filters: [],
  wheres: [],
  isAgreed: false,
  auditFile: undefined,
  asJson: true,
};

/** Runs a redrive and gives what it printed. */
const printed = async (run: () => Promise<void>): Promise<Record<string, unknown>> => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const exitCode = process.exitCode;
  try {
    await run();
    return JSON.parse(write.mock.calls.map(([text]) => text).join('')) as Record<string, unknown>;
  } finally {
    write.mockRestore();
    process.exitCode = exitCode;
  }
};

const receive = async (sqs: SQSClient, QueueUrl: string): Promise<readonly Message[]> =>
  (
    await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    )
  ).Messages ?? [];

it('brings messages back as they were, ten attributes and bytes and trace, and writes down each step', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-redrive-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => void vi.restoreAllMocks());
  await using engine = await LocalEngine.start({ port: 0 });
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const sqs = new SQSClient(target);
  const { QueueUrl: dlq = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders-dlq' }));
  const { QueueUrl: orders = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: 'orders',
      Attributes: {
        VisibilityTimeout: '0',
        RedrivePolicy: `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq","maxReceiveCount":1}`,
      },
    }),
  );
  const ten = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `a${index}`,
      index === 0
        ? { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) }
        : { DataType: 'String', StringValue: `${index}` },
    ]),
  );
  const AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  for (const MessageBody of ['{"vendor":"A"}', '{"vendor":"B"}']) {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: orders,
        MessageBody,
        MessageAttributes: MessageBody.includes('A') ? ten : {},
        MessageGroupId: 'g',
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader } },
      }),
    );
  }
  // The first receive gives each out, the next one moves it.
  for (let look = 0; look < 4; look += 1) await receive(sqs, orders);
  const auditFile = join(directory, 'audit.jsonl');
  const run = (more: Partial<RedriveWords>, act = redriveQueue) =>
    printed(() => act(target, dlq, { ...REQUEST, auditFile, ...more }));

  expect(await run({}, planQueue)).toMatchObject({ toMove: 2, destinations: [{ messages: 2 }], skipped: [] });
  await expect(run({ to: 'orders' })).rejects.toMatchObject({ exitCode: 3 });
  expect(await run({ wheres: ['vendor=A'] })).toMatchObject({ moved: 1, skipped: 1, failed: 0, state: 'completed' });
  const [first] = await receive(sqs, orders);
  expect(first).toMatchObject({ Body: '{"vendor":"A"}', Attributes: { AWSTraceHeader, MessageGroupId: 'g' } });
  expect(first?.MessageAttributes).toEqual(ten);

  expect(await run({ to: 'orders', isAgreed: true })).toMatchObject({ moved: 1, cameBack: 0, state: 'completed' });
  const back = (await receive(sqs, orders)).find(({ Body }) => Body?.includes('B'));
  expect(Object.keys(back?.MessageAttributes ?? {})).toEqual(['holdfast.redrive']);
  // The first one was received once too often meanwhile, and lies in the dead-letter queue again: looking is no receive.
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: dlq, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  expect(Attributes?.['ApproximateNumberOfMessages']).toBe('1');
  const audit = readAudit(readFileSync(auditFile, 'utf8'));
  expect(audit.fault).toBeUndefined();
  expect(audit.entries.map(({ step }) => step)).toEqual(
    [1, 2].flatMap(() => ['planned', 'started', 'sending', 'sent', 'deleted', 'ended']),
  );
});
