import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '@holdfast/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveOf } from './testing/archive.ts';
import { callJson } from './testing/call-json.ts';
import { EngineProcess } from './testing/engine-process.ts';

const SIGNED = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=x/20250101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=x`,
});
const arnOf = (service: string, name: string): string => `arn:aws:${service}:us-east-1:000000000000:${name}`;
const KILLS = 3;
/** In each round, and then for a random while. */
const SENT_BEFORE_KILL = 15;

let directory: string;
let engine: EngineProcess;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-path-'));
  engine = await EngineProcess.start(directory);
});

afterEach(async () => {
  await engine.end();
  rmSync(directory, { recursive: true, force: true });
});

const restart = async (): Promise<void> => {
  await engine.kill();
  engine = await EngineProcess.start(directory);
};

const sqs = <Output>(action: string, input: object): Promise<Output> =>
  callJson<Output>(engine.endpoint, '1.0', `AmazonSQS.${action}`, input);
const events = <Output>(action: string, input: object): Promise<Output> =>
  callJson<Output>(engine.endpoint, '1.1', `AWSEvents.${action}`, input);
const queueUrl = (name: string): string => `${engine.endpoint}/000000000000/${name}`;

const http = async (service: string, method: string, path: string, body?: string, more = {}): Promise<string> => {
  const answer = await fetch(`${engine.endpoint}${path}`, {
    method,
    headers: { ...SIGNED(service), ...more },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
};

const sns = (action: string, input: Record<string, string>): Promise<string> =>
  http('sns', 'POST', '/', new URLSearchParams({ Action: action, ...input }).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });

/** All that is in a queue, taken out. */
const takeAll = async (name: string): Promise<string[]> => {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs<{ Messages?: { Body: string }[] }>('ReceiveMessage', {
      QueueUrl: queueUrl(name),
      MaxNumberOfMessages: 10,
    });
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body));
  }
};

describe('kill -9 between an event and its delivery', () => {
  const NAMES = ['objects', 'events', 'notes'] as const;
  type Name = (typeof NAMES)[number];

  const send: Readonly<Record<Name, (id: string) => Promise<unknown>>> = {
    objects: (id) => http('s3', 'PUT', `/uploads/${id}`, id),
    events: (id) => events('PutEvents', { Entries: [{ Source: 'test', DetailType: 't', Detail: `{"id":"${id}"}` }] }),
    notes: (id) => sns('Publish', { TopicArn: arnOf('sns', 'notes'), Message: id }),
  };

  it('S3, EventBridge and SNS deliver what they acknowledged to queues once: neither lost nor twice', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
    });
    for (const QueueName of NAMES)
      await sqs('CreateQueue', { QueueName, Attributes: { Policy, VisibilityTimeout: '600' } });
    await http('s3', 'PUT', '/uploads');
    await http(
      's3',
      'PUT',
      '/uploads?notification',
      `<NotificationConfiguration><QueueConfiguration><Queue>${arnOf('sqs', 'objects')}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>`,
    );
    await events('PutRule', { Name: 'all', EventPattern: '{"source":["test"]}' });
    await events('PutTargets', { Rule: 'all', Targets: [{ Id: 'q', Arn: arnOf('sqs', 'events') }] });
    await sns('CreateTopic', { Name: 'notes' });
    await sns('Subscribe', { TopicArn: arnOf('sns', 'notes'), Protocol: 'sqs', Endpoint: arnOf('sqs', 'notes') });

    const acknowledged = new Map(NAMES.map((name) => [name, [] as string[]]));
    let next = 0;
    for (let round = 0; round < KILLS; round++) {
      let isOver = false;
      const load = NAMES.flatMap((name) => [name, name]).map(async (name) => {
        while (!isOver) {
          const id = `${name}-${next++}`;
          await send[name](id).then(
            () => acknowledged.get(name)?.push(id),
            () => {},
          );
        }
      });
      const atLeast = (round + 1) * SENT_BEFORE_KILL;
      for (let waits = 0; [...acknowledged.values()].some(({ length }) => length < atLeast) && waits < 1_000; waits++) {
        await sleep(10);
      }
      const killed = engine.kill();
      await killed;
      isOver = true;
      await Promise.all(load);
      engine = await EngineProcess.start(directory);
    }

    for (const name of NAMES) {
      const delivered = (await takeAll(name)).flatMap((body) => [...body.matchAll(new RegExp(`${name}-\\d+`, 'g'))]);
      // A notification of SNS, an event and a record of S3 each name their id once.
      const ids = delivered.map(([id]) => id);
      expect(ids.length).toBe(new Set(ids).size);
      expect(acknowledged.get(name)?.filter((id) => !ids.includes(id))).toEqual([]);
      expect(ids.length).toBeGreaterThanOrEqual(KILLS * SENT_BEFORE_KILL);
    }
  }, 60_000);
});

describe('kill -9 while a handler runs', () => {
  const runs = (): string[] => readFileSync(join(directory, 'runs'), 'utf8').split('\n').filter(Boolean);
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let waits = 0; !isSo() && waits < 1_000; waits++) await sleep(10);
    expect(isSo()).toBe(true);
  };

  const createFunction = async (): Promise<void> => {
    appendFileSync(join(directory, 'runs'), '');
    const code = `const fs = require('node:fs');
      exports.handler = async (event) => {
        const isFirst = fs.readFileSync(process.env.RUNS, 'utf8') === '';
        fs.appendFileSync(process.env.RUNS, (event.Records?.[0].messageId ?? event.id) + '\\n');
        // The first is killed; whoever comes after it is not to run out of time on a busy machine.
        if (isFirst) await new Promise(() => setInterval(() => {}, 1000));
      };`;
    await http(
      'lambda',
      'POST',
      '/2015-03-31/functions',
      JSON.stringify({
        FunctionName: 'worker',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 3,
        Role: 'arn:aws:iam::000000000000:role/worker',
        Environment: { Variables: { RUNS: join(directory, 'runs') } },
        Code: { ZipFile: Buffer.from(archiveOf({ 'index.js': code })).toString('base64') },
      }),
    );
  };

  it('an asynchronous event runs again', async () => {
    await createFunction();
    await http('lambda', 'POST', '/2015-03-31/functions/worker/invocations', '{"id":"event"}', {
      'x-amz-invocation-type': 'Event',
    });
    await until(() => runs().length === 1);
    await restart();
    await until(() => runs().length === 2);
    expect(runs()).toEqual(['event', 'event']);
  }, 30_000);

  it('a message of a queue comes again, and is deleted then', async () => {
    await createFunction();
    await sqs('CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '4' } });
    await http(
      'lambda',
      'POST',
      '/2015-03-31/event-source-mappings',
      JSON.stringify({ FunctionName: 'worker', EventSourceArn: arnOf('sqs', 'q') }),
    );
    const { MessageId } = await sqs<{ MessageId: string }>('SendMessage', {
      QueueUrl: queueUrl('q'),
      MessageBody: 'm',
    });
    await until(() => runs().length === 1);
    await restart();
    await until(() => runs().length === 2);
    expect(runs()).toEqual([MessageId, MessageId]);
    await sleep(6 * SECOND_MS);
    expect([runs().length, await takeAll('q')]).toEqual([2, []]);
  }, 40_000);
});
