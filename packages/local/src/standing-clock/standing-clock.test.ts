import { setTimeout as sleep } from 'node:timers/promises';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { LocalEngine, type StandingClockMode } from '../index.ts';
import { archiveOf } from '../testing/archive.ts';
import { clientOptions } from '../testing/client-options.ts';

const startAt = new Date('2026-11-28T00:00:00Z');
const SLEEPS = `export const handler = async ({ ms = 5_000 }) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { statusCode: 200, body: 'slept' };
};`;
const WAIT = (type: string) => ({
  type: type as 'EXPRESS',
  roleArn: 'arn:aws:iam::000000000000:role/states',
  definition: JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 30, End: true } } }),
});

let local: LocalEngine;
let clients: { lambda: LambdaClient; sqs: SQSClient; states: SFNClient };
let notes: string[];

const start = async (standingClock: StandingClockMode): Promise<void> => {
  notes = [];
  const note = (text: string): number => notes.push(text);
  local = await LocalEngine.start({ port: 0, clock: 'virtual', startAt, standingClock, note });
  const options = { ...clientOptions(local), maxAttempts: 2, disableHostPrefix: true };
  clients = { lambda: new LambdaClient(options), sqs: new SQSClient(options), states: new SFNClient(options) };
};

afterEach(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await local.close();
});

const createSleeper = (): Promise<unknown> =>
  clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'sleeper',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/sleeper',
      Timeout: 60,
      Code: { ZipFile: archiveOf({ 'index.mjs': SLEEPS }) },
    }),
  );

const invokeSleeper = (ms = 5_000) =>
  clients.lambda.send(new InvokeCommand({ FunctionName: 'sleeper', Payload: JSON.stringify({ ms }) }));

const createQueue = async (): Promise<string> => {
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  return QueueUrl;
};

const receive = (QueueUrl: string) => clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));

const failureOf = (answer: Promise<unknown>): Promise<{ name: string; message: string }> =>
  answer.then(
    () => ({ name: 'answered', message: '' }),
    ({ name, message }: Error) => ({ name, message }),
  );

describe('where nobody is to wait for a time that does not come', () => {
  it('an invocation whose code sleeps fails with the timer, the function and the advance', async () => {
    await start('fail');
    await createSleeper();
    const { name, message } = await failureOf(invokeSleeper());
    expect(name).toBe('ClockStandsStill');
    expect(message).toBe(
      'time stands still at 2026-11-28T00:00:00.000Z, and lambda Invoke waits: function sleeper waits for a timer of its ' +
        "code at 2026-11-28T00:00:05.000Z; advance the clock by PT5S (in a test: advance('PT5S'), from a shell: holdfast " +
        'clock --advance PT5S)',
    );
  });

  it('a long poll that was given up takes no message any more', async () => {
    await start('fail');
    const QueueUrl = await createQueue();
    const { name, message } = await failureOf(receive(QueueUrl));
    expect(name).toBe('ClockStandsStill');
    expect(message).toContain(
      'queue orders has no message, and this receive waits for one until 2026-11-28T00:00:20.000Z',
    );
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'order' }));
    const { Messages = [] } = await receive(QueueUrl);
    expect(Messages.map(({ Body }) => Body)).toEqual(['order']);
  });

  it('a handler of this process that polls is told before the one who invoked it', async () => {
    await start('fail');
    const QueueUrl = await createQueue();
    await createSleeper();
    local.bind('sleeper', async () => (await failureOf(receive(QueueUrl))).name);
    const { Payload } = await invokeSleeper();
    expect(Payload?.transformToString()).toBe('"ClockStandsStill"');
  });

  it('an execution that waits fails its caller, synchronous or looking again and again', async () => {
    await start('fail');
    const { states } = clients;
    const express = await states.send(new CreateStateMachineCommand({ name: 'express', ...WAIT('EXPRESS') }));
    const sync = states.send(new StartSyncExecutionCommand({ stateMachineArn: express.stateMachineArn }));
    expect(await failureOf(sync)).toEqual({
      name: 'ClockStandsStill',
      message: expect.stringMatching(/states StartSyncExecution waits: .* due at 2026-11-28T00:00:30.000Z; .*PT30S/),
    });
    const standard = await states.send(new CreateStateMachineCommand({ name: 'standard', ...WAIT('STANDARD') }));
    const { executionArn } = await states.send(new StartExecutionCommand(standard as { stateMachineArn: string }));
    const looking = async (): Promise<void> => {
      for (let isRunning = true; isRunning; await sleep(350)) {
        const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
        isRunning = status === 'RUNNING';
      }
    };
    expect(await failureOf(looking())).toEqual({
      name: 'ClockStandsStill',
      message: expect.stringContaining('states DescribeExecution is asked again and again, and nothing changes'),
    });
  });

  it('a request to the URL of a function that sleeps is answered with 504', async () => {
    await start('fail');
    await createSleeper();
    const FunctionName = 'sleeper';
    const { FunctionUrl = '' } = await clients.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }),
    );
    await clients.lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'everybody',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      }),
    );
    const answer = await fetch(FunctionUrl);
    expect([answer.status, await answer.text()]).toEqual([
      504,
      expect.stringContaining('function sleeper waits for a timer of its code at 2026-11-28T00:00:05.000Z'),
    ]);
  });

  it('who advances in time, and code that computes, are waited for', async () => {
    await start('fail');
    await createSleeper();
    local.bind('sleeper', () => sleep(1_300).then(() => 'computed'));
    expect((await invokeSleeper()).Payload?.transformToString()).toBe('"computed"');
    const QueueUrl = await createQueue();
    const polled = receive(QueueUrl);
    await sleep(300);
    await local.advance(20_000);
    expect((await polled).Messages).toBeUndefined();
  });
});

describe('where somebody may advance the clock', () => {
  it('who waits goes on waiting, the engine says so once, and the clock lists it with the advance', async () => {
    await start('tell');
    await createSleeper();
    const invoked = invokeSleeper();
    await expect.poll(() => notes.length, { timeout: 10_000 }).toBe(1);
    expect(notes[0]).toContain('advance the clock by PT5S');
    const clock = await fetch(`${local.endpoint}/_holdfast/clock`);
    expect(await clock.json()).toMatchObject({
      waiting: [
        {
          call: 'lambda Invoke',
          since: startAt.toISOString(),
          reason: 'function sleeper waits for a timer of its code at 2026-11-28T00:00:05.000Z',
          advance: 'PT5S',
        },
      ],
    });
    await local.advance(5_000);
    expect((await invoked).Payload?.transformToString()).toContain('slept');
    expect(local.waiting()).toEqual([]);
    expect(notes).toHaveLength(1);
  });

  it('nobody is told of anything in live time', async () => {
    await start('tell');
    await local.setMode('live');
    const QueueUrl = await createQueue();
    const polled = clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
    await polled;
    expect(notes).toEqual([]);
  });
});
