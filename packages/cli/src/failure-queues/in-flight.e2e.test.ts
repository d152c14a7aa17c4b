import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { FileJobStore, type Job } from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';
import { findFailureQueues } from './find-queues.ts';
import { inFlightText } from './in-flight.ts';
import { listQueues } from './list.ts';

const DEAD = 'arn:aws:sqs:us-east-1:000000000000:orders-dlq';
const dead = { 'Fn::GetAtt': ['Dead', 'Arn'] };
const role = { 'Fn::GetAtt': ['Role', 'Arn'] };

const QUEUES = {
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders-dlq', VisibilityTimeout: 45 } },
  Orders: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'orders', RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount: 1 } },
  },
};

const readers = (isOn: boolean) => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: ['lambda.amazonaws.com', 'pipes.amazonaws.com'] },
            Action: 'sts:AssumeRole',
          },
        ],
      },
    },
  },
  Replay: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'replay',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile: 'exports.handler = async () => {};' },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: { Ref: 'Replay' }, EventSourceArn: dead, Enabled: isOn },
  },
  Pipe: {
    Type: 'AWS::Pipes::Pipe',
    Properties: {
      Name: 'back',
      RoleArn: role,
      Source: dead,
      Target: { 'Fn::GetAtt': ['Orders', 'Arn'] },
      DesiredState: isOn ? 'RUNNING' : 'STOPPED',
    },
  },
  // The ARN of its source begins like that of the dead-letter queue.
  Others: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders-dlq-of-others' } },
  OthersPipe: {
    Type: 'AWS::Pipes::Pipe',
    Properties: {
      Name: 'elsewhere',
      RoleArn: role,
      Source: { 'Fn::GetAtt': ['Others', 'Arn'] },
      Target: { 'Fn::GetAtt': ['Orders', 'Arn'] },
    },
  },
});

const start = async () => {
  const engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  const deploy = (more: object) =>
    engine.deployTemplate('orders', JSON.stringify({ Resources: { ...QUEUES, ...more } }));
  await deploy({});
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const sqs = new SQSClient(target);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders-dlq' }));
  const send = async (count: number) => {
    for (let n = 0; n < count; n += 1) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${n}` }));
  };
  const receive = (MaxNumberOfMessages: number, VisibilityTimeout?: number) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout }));
  return { engine, target, sqs, deploy, send, receive };
};

/** A state directory of its own for the jobs of the command. */
const inDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-in-flight-'));
  const before = process.env['HOLDFAST_DATA_DIR'];
  process.env['HOLDFAST_DATA_DIR'] = directory;
  onTestFinished(() => {
    if (before === undefined) delete process.env['HOLDFAST_DATA_DIR'];
    else process.env['HOLDFAST_DATA_DIR'] = before;
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
};

const job = (jobId: string, from: string): Job => ({
  jobId,
  request: { from },
  state: 'waiting',
  wish: 'run',
  by: 'a test',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  planned: 12,
  moved: 3,
  skipped: 0,
  failed: 0,
  cameBack: 0,
  possibleDuplicates: [],
  reasons: {},
});

const deadOf = async (target: Parameters<typeof findFailureQueues>[0]) => {
  const { queues, now, unasked } = await findFailureQueues(target);
  expect(unasked).toEqual([]);
  return { ...queues.find(({ name }) => name === 'orders-dlq'), now: Date.parse(now) };
};

it('says how many are in flight and until when, where nobody is known to read the queue', async () => {
  inDirectory();
  const { engine, target, send, receive } = await start();
  await using _ = engine;
  await send(4);
  expect((await deadOf(target)).held).toBeUndefined();
  await receive(2);
  await receive(1, 20);
  const visibleAgainBy = new Date(Date.parse(engine.clock().now) + 45_000).toISOString();
  const found = await deadOf(target);
  expect(found).toMatchObject({ visible: 1, inFlight: 3, held: { holders: [], visibleAgainBy } });
  expect(inFlightText(found as never, found.now)).toBe(
    `orders-dlq: 3 in flight, nothing known reads the queue; visible again by ${visibleAgainBy} (in PT45S), unless whoever has them asks for more`,
  );
  // Not too early.
  expect(inFlightText(found as never, found.now + 1)).toContain('(in PT45S)');
  expect(inFlightText({ ...found, held: { holders: [] } } as never, found.now)).toBe(
    'orders-dlq: 3 in flight, nothing known reads the queue; visible again PT45S after they were received, unless whoever has them asked for more (PT12H at most)',
  );
});

it('names mappings, pipes and jobs that read the queue, but none that stand still', async () => {
  const directory = inDirectory();
  const { engine, target, deploy, send, receive } = await start();
  await using _ = engine;
  await send(1);
  await receive(1);
  await deploy(readers(true));
  const jobs = new FileJobStore(join(directory, 'audit', 'jobs'), join(directory, 'audit', 'redrive.jsonl'));
  for (const [id, from] of Object.entries({ works: DEAD, rests: DEAD, elsewhere: `${DEAD}-of-others` })) {
    await jobs.create(job(id, from));
  }
  const works = await jobs.lease('works', 0);

  expect((await deadOf(target)).held?.holders).toEqual([
    'function replay (event source mapping)',
    'pipe back',
    'redrive job works (3 of 12 moved)',
  ]);

  await deploy(readers(false));
  expect((await deadOf(target)).held?.holders).toEqual(['redrive job works (3 of 12 moved)']);
  await works?.end({ state: 'paused' });
  const elsewhere = await jobs.lease('elsewhere', 0);
  expect((await deadOf(target)).held?.holders).toEqual([]);
  await elsewhere?.end({ state: 'completed' });
});

it('names a redrive of SQS that is under way, below the table of the command', async () => {
  inDirectory();
  const { engine, target, sqs, send, receive } = await start();
  await using _ = engine;
  await send(5);
  await receive(2);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: DEAD, MaxNumberOfMessagesPerSecond: 1 }));

  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await listQueues(target, false);
  const printed = write.mock.calls.map(([text]) => text).join('');
  write.mockRestore();

  const lines = printed.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(
    /^orders-dlq: 2 in flight, read by a redrive of SQS to where they came from \(\d moved\); visible again by /,
  );
});

it('says which services could not be asked who reads a queue', async () => {
  inDirectory();
  const { engine, target, send, receive } = await start();
  await using _ = engine;
  await send(1);
  await receive(1);
  engine.fault({ service: 'pipes', action: 'ListPipes' });
  const once = { ...target, maxAttempts: 1 };
  const { unasked } = await findFailureQueues(once);
  expect(unasked).toContainEqual(expect.stringContaining('whether it reads orders-dlq is not known'));
});
