import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { strToU8 } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../local-engine.ts';
import { archiveOf } from '../../testing/archive.ts';

/** Receives from the queue in its event for up to twenty seconds, with nothing but what Node.js has. */
const BOOTSTRAP = `#!${process.execPath}
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
const receive = async (QueueUrl) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'x-amz-target': 'AmazonSQS.ReceiveMessage',
      'content-type': 'application/x-amz-json-1.0',
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20250101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 }),
  });
  return response.json();
};
(async () => {
  for (;;) {
    const next = await fetch(base + 'next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const { QueueUrl } = await next.json();
    await fetch(base + id + '/response', { method: 'POST', body: JSON.stringify(await receive(QueueUrl)) });
  }
})();
`;

describe.skipIf(process.platform === 'win32')('processes in virtual time', () => {
  let local: LocalEngine;
  let QueueUrl: string;

  const call = async (service: string, action: string, input: object): Promise<Record<string, unknown>> =>
    (await local.engine.call(service, action, input, local.context())) as Record<string, unknown>;

  beforeEach(async () => {
    local = await LocalEngine.start({ port: 0, clock: 'virtual' });
    ({ QueueUrl } = (await call('sqs', 'CreateQueue', { QueueName: 'orders' })) as { QueueUrl: string });
  });

  afterEach(() => local.close());

  const createFunction = (Timeout: number): Promise<unknown> =>
    call('lambda', 'CreateFunction', {
      FunctionName: 'receiver',
      Runtime: 'provided.al2023',
      Handler: 'any',
      Role: 'arn:aws:iam::000000000000:role/receiver',
      Timeout,
      Code: { ZipFile: archiveOf({ bootstrap: BOOTSTRAP }) },
    });

  const invoke = async (): Promise<{ payload: unknown; error: unknown; afterMs: number }> => {
    const startedAt = local.time.now();
    const output = await call('lambda', 'Invoke', {
      FunctionName: 'receiver',
      Payload: strToU8(JSON.stringify({ QueueUrl })),
    });
    const payload: unknown = JSON.parse(Buffer.from(output['Payload'] as Uint8Array).toString());
    return { payload, error: output['FunctionError'], afterMs: local.time.now() - startedAt };
  };

  it('time moves on while all a process does is wait for an answer that the engine holds back', async () => {
    await createFunction(60);
    const began = performance.now();
    const invoked = invoke();
    await local.advance(MINUTE_MS);
    expect(await invoked).toEqual({ payload: {}, error: undefined, afterMs: 20 * SECOND_MS });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('a message that arrives meanwhile is received at its moment', async () => {
    await createFunction(60);
    const invoked = invoke();
    await local.advance(7 * SECOND_MS);
    await call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'hello' });
    await local.advance(SECOND_MS);
    expect(await invoked).toMatchObject({ payload: { Messages: [{ Body: 'hello' }] }, afterMs: 7 * SECOND_MS });
  });

  it('the time limit of a process that waits comes at its virtual moment', async () => {
    await createFunction(5);
    const invoked = invoke();
    await local.advance(MINUTE_MS);
    expect(await invoked).toMatchObject({
      payload: { errorType: 'Sandbox.Timedout' },
      error: 'Unhandled',
      afterMs: 5 * SECOND_MS,
    });
  });
});
