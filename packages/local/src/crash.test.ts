import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@holdfast/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineProcess } from './testing/engine-process.ts';

interface Received {
  readonly Messages?: readonly {
    readonly Body: string;
    readonly ReceiptHandle: string;
    readonly Attributes: Readonly<Record<string, string>>;
  }[];
}

const call = async <Output>(endpoint: string, action: string, input: object): Promise<Output> => {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return (text === '' ? {} : JSON.parse(text)) as Output;
};

/** Kills per run; each time at another point of the load, drawn from the seed. */
const KILLS = 4;
const SENDERS = 6;

describe('kill -9 under load', () => {
  let directory: string;
  let engine: EngineProcess | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-crash-'));
  });

  afterEach(async () => {
    await engine?.kill();
    engine = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  test.each([1, 2])(
    'loses no acknowledged send, brings no deleted message back, forgets no receive (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const sent = new Set<string>();
      const deleted = new Set<string>();
      const deleting = new Set<string>();
      const receives = new Map<string, number>();
      let next = 0;

      for (let round = 0; round < KILLS; round++) {
        const running = await EngineProcess.start(directory);
        engine = running;
        const { endpoint } = running;
        await call(endpoint, 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '0' } });
        const QueueUrl = `${endpoint}/000000000000/q`;
        let isOver = false;
        const untilKilled = async (act: () => Promise<void>): Promise<void> => {
          while (!isOver) await act().catch(() => {});
        };
        const send = async (): Promise<void> => {
          const MessageBody = `message ${next++}`;
          await call(endpoint, 'SendMessage', { QueueUrl, MessageBody });
          sent.add(MessageBody);
        };
        const receiveAndDelete = async (): Promise<void> => {
          const { Messages = [] } = await call<Received>(endpoint, 'ReceiveMessage', {
            QueueUrl,
            MaxNumberOfMessages: 5,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          });
          for (const { Body, Attributes } of Messages) {
            const count = Number(Attributes['ApproximateReceiveCount']);
            receives.set(Body, Math.max(count, receives.get(Body) ?? 0));
          }
          const [first] = Messages;
          if (first === undefined) return;
          deleting.add(first.Body);
          await call(endpoint, 'DeleteMessage', { QueueUrl, ReceiptHandle: first.ReceiptHandle });
          deleted.add(first.Body);
        };
        const load = Promise.all([
          ...Array.from({ length: SENDERS }, () => untilKilled(send)),
          untilKilled(receiveAndDelete),
        ]);
        await sleep(50 + random.nextInt(250));
        isOver = true;
        await running.kill();
        engine = undefined;
        await load;
      }

      engine = await EngineProcess.start(directory);
      const QueueUrl = `${engine.endpoint}/000000000000/q`;
      const found = new Map<string, number>();
      for (;;) {
        const { Messages = [] } = await call<Received>(engine.endpoint, 'ReceiveMessage', {
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 600,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        });
        if (Messages.length === 0) break;
        for (const { Body, Attributes } of Messages) found.set(Body, Number(Attributes['ApproximateReceiveCount']));
      }

      expect(sent.size).toBeGreaterThan(100);
      expect(deleted.size).toBeGreaterThan(0);
      // A delete that was under way at the kill may or may not have happened.
      expect([...sent].filter((body) => !found.has(body) && !deleting.has(body))).toEqual([]);
      expect([...deleted].filter((body) => found.has(body))).toEqual([]);
      expect([...found].filter(([body, count]) => count <= (receives.get(body) ?? 0))).toEqual([]);
    },
  );
});
