/**
 * What the log says of its own damage, and what is left of what was acknowledged when the process is killed:
 * `node scripts/attack-log.ts [kills] [places] [seed]`. Figures of a run stand in docs/guarantees.md.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@holdfast/kernel';
import { LogStore } from '../packages/local/src/store/index.ts';
import { callJson } from '../packages/local/src/testing/call-json.ts';
import { EngineProcess } from '../packages/local/src/testing/engine-process.ts';

const [kills = 300, places = 100, seed = 1] = process.argv.slice(2).map(Number);
const random = seededRandom(seed);
const root = mkdtempSync(join(tmpdir(), 'holdfast-attack-'));
const BODY_BYTES = 150_000;
const LARGE_OBJECT = Buffer.alloc(100_000, 'large object ');
const findings: string[] = [];

let running: EngineProcess | undefined;
const start = async (directory: string): Promise<EngineProcess> => {
  running = await EngineProcess.start(directory);
  return running;
};

const sqs = <Output>(engine: EngineProcess, action: string, input: object): Promise<Output> =>
  callJson<Output>(engine.endpoint, '1.0', `AmazonSQS.${action}`, input);
const dynamodb = <Output>(engine: EngineProcess, action: string, input: object): Promise<Output> =>
  callJson<Output>(engine.endpoint, '1.0', `DynamoDB_20120810.${action}`, input);
const s3 = async (engine: EngineProcess, method: string, path: string, body?: Buffer): Promise<Buffer> => {
  const answer = await fetch(`${engine.endpoint}/${path}`, {
    method,
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=x/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x',
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(bytes.toString());
  return bytes;
};
const control = (engine: EngineProcess, path: string, body: object = {}): Promise<Response> =>
  fetch(`${engine.endpoint}/_holdfast/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const clockOf = async (engine: EngineProcess): Promise<{ mode: string; now: string }> =>
  (await (await fetch(`${engine.endpoint}/_holdfast/clock`)).json()) as { mode: string; now: string };

const setUp = async (engine: EngineProcess): Promise<void> => {
  await sqs(engine, 'CreateQueue', { QueueName: 'q' });
  await s3(engine, 'PUT', 'bucket');
  await dynamodb(engine, 'CreateTable', {
    TableName: 'items',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
};

const queueUrl = (engine: EngineProcess): string => `${engine.endpoint}/000000000000/q`;

/** Each place of each segment: a flipped bit; each segment: removed, and emptied. Every one must be refused. */
const attackFiles = async (): Promise<void> => {
  const directory = join(root, 'damage');
  const engine = await start(directory);
  await setUp(engine);
  const MessageBody = 'x'.repeat(BODY_BYTES);
  for (let messages = 0; messages < 900; messages += 10) {
    await Promise.all(
      Array.from({ length: 10 }, () => sqs(engine, 'SendMessage', { QueueUrl: queueUrl(engine), MessageBody })),
    );
  }
  await engine.kill();
  const segments = readdirSync(directory).filter((name) => name.startsWith('log-'));
  const isRefused = (): boolean => {
    try {
      new LogStore(directory, { note: () => {} }).close();
      return false;
    } catch (error) {
      return /byte \d+: /.test((error as Error).message);
    }
  };
  /** Without the lock, whose journal a killed process leaves. */
  const names = (): string[] => readdirSync(directory).filter((name) => !name.startsWith('lock'));
  let refused = 0;
  let tried = 0;
  const attempt = (what: string, harm: () => void, undo: () => void): void => {
    harm();
    const before = names().map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`);
    tried += 1;
    if (isRefused()) refused += 1;
    else throw new Error(`${what} was not refused; the rest cannot be tried on what is left`);
    const after = names().map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`);
    if (String(before) !== String(after)) findings.push(`${what}: the disk was changed`);
    undo();
  };
  for (let place = 0; place < places; place++) {
    const name = segments[place % segments.length] as string;
    const file = join(directory, name);
    const bytes = readFileSync(file);
    const at = random.nextInt(bytes.length);
    const harmed = Buffer.from(bytes);
    harmed.writeUInt8((bytes[at] as number) ^ (1 << random.nextInt(8)), at);
    attempt(
      `bit at byte ${at} of ${name}`,
      () => writeFileSync(file, harmed),
      () => writeFileSync(file, bytes),
    );
  }
  for (const name of segments) {
    const file = join(directory, name);
    const aside = join(root, name);
    const bytes = readFileSync(file);
    attempt(
      `${name} removed`,
      () => renameSync(file, aside),
      () => writeFileSync(file, bytes),
    );
    attempt(
      `${name} emptied`,
      () => truncateSync(file, 0),
      () => writeFileSync(file, bytes),
    );
  }
  console.log(`damage: ${refused} of ${tried} refused, over ${segments.length} segments; 0 mended in silence`);
};

interface Acknowledged {
  readonly sent: Set<string>;
  readonly deleted: Set<string>;
  readonly unsure: Set<string>;
  readonly items: Map<string, number>;
  readonly objects: Set<string>;
}

const nothing = (): Acknowledged => ({
  sent: new Set(),
  deleted: new Set(),
  unsure: new Set(),
  items: new Map(),
  objects: new Set(),
});

let next = 0;
const counts = { operations: 0, load: 0, advance: 0, reset: 0, resetsDone: 0 };

const loadUntil = (engine: EngineProcess, known: Acknowledged, isOver: () => boolean): Promise<unknown> => {
  const again = async (act: () => Promise<void>): Promise<void> => {
    while (!isOver()) {
      await act().then(
        () => {
          counts.operations += 1;
        },
        () => {},
      );
    }
  };
  const send = async (): Promise<void> => {
    const MessageBody = `m${next++}`;
    await sqs(engine, 'SendMessage', { QueueUrl: queueUrl(engine), MessageBody });
    known.sent.add(MessageBody);
  };
  const receive = async (): Promise<void> => {
    const { Messages: [message] = [] } = await sqs<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
      engine,
      'ReceiveMessage',
      { QueueUrl: queueUrl(engine), VisibilityTimeout: 0 },
    );
    if (message === undefined) return;
    known.unsure.add(message.Body);
    await sqs(engine, 'DeleteMessage', { QueueUrl: queueUrl(engine), ReceiptHandle: message.ReceiptHandle });
    known.deleted.add(message.Body);
  };
  const put = async (): Promise<void> => {
    const [id, value] = [`i${random.nextInt(50)}-${next++ % 7}`, next++];
    // While it is under way, either value may be there.
    known.items.delete(id);
    await dynamodb(engine, 'PutItem', { TableName: 'items', Item: { id: { S: id }, v: { N: String(value) } } });
    known.items.set(id, value);
  };
  const upload = async (): Promise<void> => {
    const key = `o${next++}`;
    await s3(engine, 'PUT', `bucket/${key}`, LARGE_OBJECT);
    known.objects.add(key);
  };
  return Promise.all([send, send, send, receive, put, upload].map(again));
};

/** What was acknowledged must be there, and what was deleted must not. Empties the queue. */
const verify = async (engine: EngineProcess, known: Acknowledged, round: string): Promise<void> => {
  const found = new Set<string>();
  for (;;) {
    const { Messages = [] } = await sqs<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
      engine,
      'ReceiveMessage',
      {
        QueueUrl: queueUrl(engine),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 600,
      },
    );
    if (Messages.length === 0) break;
    for (const { Body } of Messages) found.add(Body);
    await sqs(engine, 'DeleteMessageBatch', {
      QueueUrl: queueUrl(engine),
      Entries: Messages.map(({ ReceiptHandle }, Id) => ({ Id: String(Id), ReceiptHandle })),
    });
  }
  for (const body of known.sent) {
    if (!found.has(body) && !known.unsure.has(body)) findings.push(`${round}: message ${body} is lost`);
  }
  for (const body of known.deleted) if (found.has(body)) findings.push(`${round}: message ${body} came back`);
  for (const [id, value] of known.items) {
    const { Item } = await dynamodb<{ Item?: { v: { N: string } } }>(engine, 'GetItem', {
      TableName: 'items',
      Key: { id: { S: id } },
    });
    if (Item?.v.N !== String(value)) findings.push(`${round}: item ${id} is ${Item?.v.N} instead of ${value}`);
  }
  for (const key of known.objects) {
    const bytes = await s3(engine, 'GET', `bucket/${key}`).catch(() => Buffer.alloc(0));
    if (!bytes.equals(LARGE_OBJECT)) findings.push(`${round}: object ${key} is lost`);
  }
  for (const set of [known.sent, known.deleted, known.unsure, known.objects]) set.clear();
  known.items.clear();
};

const isEmpty = async (engine: EngineProcess): Promise<boolean> => {
  const { QueueUrls = [] } = await sqs<{ QueueUrls?: string[] }>(engine, 'ListQueues', {});
  const { TableNames } = await dynamodb<{ TableNames: string[] }>(engine, 'ListTables', {});
  if (QueueUrls.length !== TableNames.length) findings.push('a reset was half done');
  return QueueUrls.length === 0;
};

/** Kills under load, inside an advance, and inside a reset. */
const attackProcess = async (): Promise<void> => {
  const directory = join(root, 'kills');
  let engine = await start(directory);
  await control(engine, 'clock', { mode: 'virtual' });
  await setUp(engine);
  const known = nothing();
  for (let round = 0; round < kills; round++) {
    const draw = random.nextInt(10);
    const kind = draw < 6 ? 'load' : draw < 8 ? 'advance' : 'reset';
    counts[kind] += 1;
    let isOver = false;
    const load = loadUntil(engine, known, () => isOver);
    await sleep(20 + random.nextInt(150));
    const before = Date.parse((await clockOf(engine)).now);
    let acknowledgedReset = false;
    if (kind === 'reset') {
      isOver = true;
      await load;
      void control(engine, 'reset').then(
        ({ ok }) => {
          acknowledgedReset = ok;
        },
        () => {},
      );
      await sleep(random.nextInt(25));
    } else if (kind === 'advance') {
      void control(engine, 'clock', { advance: 'PT1H' }).catch(() => {});
      await sleep(random.nextInt(60));
    }
    const wasReset = acknowledgedReset;
    await engine.kill();
    isOver = true;
    await load;
    engine = await start(directory);
    const name = `kill ${round} (${kind})`;
    const { mode, now } = await clockOf(engine);
    if (mode !== 'virtual' || Date.parse(now) < before) findings.push(`${name}: time went from ${before} to ${now}`);
    if (kind === 'reset' && (await isEmpty(engine))) {
      counts.resetsDone += 1;
      Object.assign(known, nothing());
      await setUp(engine);
    } else {
      if (wasReset) findings.push(`${name}: an acknowledged reset was undone`);
      await verify(engine, known, name);
    }
    if (round % 20 === 19)
      console.error(`${round + 1} kills, ${counts.operations} operations, ${findings.length} findings`);
  }
  await engine.kill();
  console.log(
    `kills: ${kills} (${counts.load} under load, ${counts.advance} inside an advance, ${counts.reset} inside a reset of which ${counts.resetsDone} were done), ${counts.operations} acknowledged operations, ${findings.length} findings`,
  );
};

try {
  if (places > 0) await attackFiles();
  if (kills > 0) await attackProcess();
} finally {
  await running?.end();
  rmSync(root, { recursive: true, force: true });
}
for (const finding of findings) console.log(finding);
process.exitCode = findings.length === 0 ? 0 : 1;
