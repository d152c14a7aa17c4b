import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, SECOND_MS, seededRandom } from '@holdfast/kernel';
import { strFromU8, strToU8 } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import { LocalEngine } from './local-engine.ts';
import { archiveOf } from './testing/archive.ts';
import { callJson } from './testing/call-json.ts';
import { EngineProcess } from './testing/engine-process.ts';

interface Clock {
  readonly mode: string;
  readonly now: string;
}

const post = (endpoint: string, body: object): Promise<Response> =>
  fetch(`${endpoint}/_holdfast/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const clockOf = async (endpoint: string): Promise<Clock> =>
  (await (await fetch(`${endpoint}/_holdfast/clock`)).json()) as Clock;

describe('the clock', () => {
  let local: LocalEngine | undefined;

  afterEach(async () => {
    await local?.close();
    local = undefined;
  });

  it.each(['P9999999999999999D', 'P100000000D'])(
    'an advance beyond all dates (%s) is refused, and leaves nothing behind, the mode included',
    async (advance) => {
      local = await LocalEngine.start({ port: 0 });
      const refused = await post(local.endpoint, { mode: 'virtual', advance });
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ field: 'advance', message: expect.stringContaining('leads beyond 9000-01-01') }),
      ]);
      expect((await clockOf(local.endpoint)).mode).toBe('live');
      expect((await post(local.endpoint, { mode: 'virtual' })).status).toBe(200);
      const { now } = await clockOf(local.endpoint);
      expect((await post(local.endpoint, { advance })).status).toBe(400);
      expect((await clockOf(local.endpoint)).now).toBe(now);
    },
  );

  it('ten advances at once come to their sum, whatever of them leads too far', async () => {
    local = await LocalEngine.start({ port: 0, clock: 'virtual' });
    const began = local.time.now();
    const { endpoint } = local;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, nth) => post(endpoint, { advance: nth === 4 ? 'P9999999D' : `PT${nth + 1}S` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 400]);
    expect(local.time.now() - began).toBe(50 * SECOND_MS);
  });

  it('in virtual time a synchronous invocation runs without anybody advancing beside it, and time stands still', async () => {
    local = await LocalEngine.start({ port: 0, clock: 'virtual' });
    const { engine } = local;
    const began = local.time.now();
    const call = async (action: string, input: object): Promise<Record<string, unknown>> =>
      (await engine.call('lambda', action, input, (local as LocalEngine).context())) as Record<string, unknown>;
    const handler = `const { Lambda } = require('@aws-sdk/client-lambda');
      exports.handler = async ({ depth }) => {
        if (depth === 0) return { now: Date.now() };
        const { Payload } = await new Lambda({}).invoke({ FunctionName: 'nested', Payload: JSON.stringify({ depth: depth - 1 }) });
        return JSON.parse(Buffer.from(Payload).toString());
      };`;
    await call('CreateFunction', {
      FunctionName: 'nested',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/nested',
      Timeout: 60,
      Code: { ZipFile: archiveOf({ 'index.js': handler }) },
    });
    const invoke = async (depth: number): Promise<unknown> => {
      const { Payload } = await call('Invoke', { FunctionName: 'nested', Payload: strToU8(JSON.stringify({ depth })) });
      return JSON.parse(strFromU8(Payload as Uint8Array));
    };
    expect(await Promise.all([invoke(0), invoke(1), invoke(0)])).toEqual([
      { now: began },
      { now: began },
      { now: began },
    ]);
    expect(local.time.now()).toBe(began);
  });
});

describe('kill -9 inside an advance', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-advance-'));
  let engine: EngineProcess | undefined;

  afterEach(async () => {
    await engine?.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('never turns time back behind the state that it made', async () => {
    const random = seededRandom(7);
    engine = await EngineProcess.start(directory);
    const sqs = <Output>(action: string, input: object): Promise<Output> =>
      callJson<Output>((engine as EngineProcess).endpoint, '1.0', `AmazonSQS.${action}`, input);
    const events = (action: string, input: object): Promise<unknown> =>
      callJson((engine as EngineProcess).endpoint, '1.1', `AWSEvents.${action}`, input);
    await post(engine.endpoint, { mode: 'virtual' });
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:ticks';
    const allow = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: Arn };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await sqs('CreateQueue', { QueueName: 'ticks', Attributes: { Policy } });
    await events('PutRule', { Name: 'tick', ScheduleExpression: 'rate(1 minute)' });
    await events('PutTargets', { Rule: 'tick', Targets: [{ Id: 'queue', Arn }] });
    let latest = 0;
    let ticks = 0;
    for (let kills = 0; kills < 4; kills++) {
      const advanced = post(engine.endpoint, { advance: 'P3650D' }).catch(() => {});
      const hourLater = Date.parse((await clockOf(engine.endpoint)).now) + HOUR_MS;
      while (Date.parse((await clockOf(engine.endpoint)).now) < hourLater) await sleep(5);
      await sleep(random.nextInt(300));
      await engine.kill();
      await advanced;
      engine = await EngineProcess.start(directory);
      const { mode, now } = await clockOf(engine.endpoint);
      expect(mode).toBe('virtual');
      for (;;) {
        const { Messages = [] } = await sqs<{
          Messages?: { Attributes: { SentTimestamp: string }; ReceiptHandle: string }[];
        }>('ReceiveMessage', {
          QueueUrl: `${engine.endpoint}/000000000000/ticks`,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['SentTimestamp'],
        });
        if (Messages.length === 0) break;
        ticks += Messages.length;
        latest = Math.max(latest, ...Messages.map(({ Attributes }) => Number(Attributes.SentTimestamp)));
      }
      expect(Date.parse(now)).toBeGreaterThanOrEqual(latest);
      // A step may have been made that was not written; more than that is not forgotten.
      expect(Date.parse(now) - latest).toBeLessThan(HOUR_MS);
    }
    expect(ticks).toBeGreaterThan(10);
  });
});
