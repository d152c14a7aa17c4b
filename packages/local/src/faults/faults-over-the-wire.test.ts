import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalEngine } from '../index.ts';
import { archiveOf } from '../testing/archive.ts';
import { clientOptions } from '../testing/client-options.ts';
import type { FaultState } from './index.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let engine: LocalEngine;
let lambda: LambdaClient;
let sqs: SQSClient;

beforeAll(async () => {
  engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  lambda = new LambdaClient(clientOptions(engine));
  sqs = new SQSClient(clientOptions(engine));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'worker',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archiveOf({ 'index.js': 'exports.handler = async () => "done";' }) },
      Timeout: 10,
    }),
  );
});

afterEach(() => void engine.faults.end());
afterAll(async () => {
  lambda.destroy();
  sqs.destroy();
  await engine.close();
});

const ask = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = JSON_TYPE,
): Promise<{ readonly status: number; readonly body: unknown }> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${engine.endpoint}/_holdfast/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
  });
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  return { status: answer.status, body: isJson ? await answer.json() : await answer.text() };
};

describe('faults over HTTP', () => {
  it('a function is delayed, the list says whom it holds, and the end of the fault ends it for those to come', async () => {
    const added = await ask('POST', 'faults', { function: 'worker', delayMs: 5_000 });
    const fault = {
      id: expect.any(String),
      function: 'worker',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      delayMs: 5_000,
      count: 0,
      holding: 0,
    };
    expect(added).toEqual({ status: 200, body: fault });

    const answer = lambda.send(new InvokeCommand({ FunctionName: 'worker' }));
    await vi.waitFor(() => expect(engine.waiting()).toHaveLength(1));
    expect(await ask('GET', 'faults')).toEqual({ status: 200, body: { faults: [{ ...fault, count: 1, holding: 1 }] } });
    expect(await ask('DELETE', `faults/${(added.body as FaultState).id}`)).toEqual({ status: 200, body: { ended: 1 } });
    expect(await ask('GET', 'faults')).toEqual({ status: 200, body: { faults: [] } });
    await ask('POST', 'clock', { advance: 'PT5S' });
    expect((await answer).Payload?.transformToString()).toBe('"done"');
    const undelayed = await lambda.send(new InvokeCommand({ FunctionName: 'worker' }));
    expect(undelayed.Payload?.transformToString()).toBe('"done"');
  });

  it('a service throttles, and all faults end at once', async () => {
    await ask('POST', 'faults', { service: 'sqs', action: 'ListQueues' });
    await ask('POST', 'faults', { function: 'worker', delayMs: 5_000, share: 0.5 });
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toThrow('Request is throttled.');
    expect(await ask('GET', 'faults')).toMatchObject({
      body: {
        faults: [
          { service: 'sqs', action: 'ListQueues', count: 1 },
          { function: 'worker', share: 0.5 },
        ],
      },
    });
    expect(await ask('DELETE', 'faults')).toEqual({ status: 200, body: { ended: 2 } });
    expect(await ask('DELETE', 'faults')).toEqual({ status: 200, body: { ended: 0 } });
    await sqs.send(new ListQueuesCommand({}));
  });

  it.each([
    [undefined, 'service'],
    ['[]', 'body'],
    ['{"function":', 'body'],
    [{ function: 'workers', delayMs: 1 }, 'function'],
    [{ function: null, delayMs: 1 }, 'function'],
    [{ function: 'worker', delayMs: '1' }, 'delayMs'],
    [{ function: 'worker', delayMs: 1, percent: 3 }, 'percent'],
    [{ service: 'sqs', action: 5 }, 'action'],
    [{ service: 'sqs', action: { toString: 1 } }, 'action'],
    [{ service: 'sqs', delayMs: 1e15 }, 'delayMs'],
    ['{"service":"sqs","__proto__":{"first":1}}', '__proto__'],
    ['{"service":"sqs","toString":1}', 'toString'],
  ])('%j is refused with the member that is wrong', async (body, field) => {
    expect(await ask('POST', 'faults', body)).toEqual({
      status: 400,
      body: { error: 'INVALID_INPUT', field, message: expect.any(String) },
    });
    expect(await ask('GET', 'faults')).toEqual({ status: 200, body: { faults: [] } });
  });

  it('who names neither service nor function hears of both', async () => {
    expect(await ask('POST', 'faults', { delayMs: 1 })).toMatchObject({
      status: 400,
      body: { message: 'service: undefined must name a service, or function one of the functions' },
    });
  });

  it.each([
    ['', '', 'body'],
    ['{"function":', ',"delayMs":1}', 'function'],
    ['{"service":', '}', 'service'],
  ])('%s[[[…]]]%s, nested deeper than the stack, is refused like any other', async (before, after, field) => {
    const body = `${before}${'['.repeat(100_000)}${']'.repeat(100_000)}${after}`;
    expect(await ask('POST', 'faults', body)).toMatchObject({ status: 400, body: { error: 'INVALID_INPUT', field } });
  });

  it('a fault that there is not cannot be ended', async () => {
    expect(await ask('DELETE', 'faults/4711')).toEqual({
      status: 404,
      body: { error: 'NO_SUCH_FAULT', message: 'there is no fault 4711' },
    });
    expect((await ask('PUT', 'faults/4711', {})).status).toBe(404);
  });

  it.each([
    ['POST', { 'content-type': 'text/plain' }],
    ['DELETE', {}],
    ['POST', { ...JSON_TYPE, origin: 'https://evil.example' }],
    ['DELETE', { ...JSON_TYPE, origin: 'https://evil.example' }],
    ['GET', { origin: 'https://evil.example' }],
  ])('a web page of another site cannot %s them (%j)', async (method, headers) => {
    const body = method === 'POST' ? { service: 'sqs' } : undefined;
    expect((await ask(method, 'faults', body, headers as Record<string, string>)).status).toBe(403);
    expect(engine.faults.states()).toEqual([]);
  });

  it('a fault that is asked for during a reset waits for the empty engine', async () => {
    const reset = engine.reset();
    const added = await ask('POST', 'faults', { function: 'worker', delayMs: 1 });
    await reset;
    expect(added).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('there are none in us-east-1') },
    });
  });
});
