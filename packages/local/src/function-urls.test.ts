import { request as httpRequest } from 'node:http';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';
import { clientOptions } from './testing/client-options.ts';

let local: LocalEngine;
let lambda: LambdaClient;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
  lambda = new LambdaClient(clientOptions(local));
});
afterAll(async () => {
  lambda.destroy();
  await local.close();
});

const CODE = `export const handler = async ({ rawPath, body, isBase64Encoded, headers }) => ({
  statusCode: 201,
  headers: { 'Content-Type': 'text/plain' },
  cookies: ['a=1', 'b=2'],
  body: [rawPath, body, isBase64Encoded, headers['x-own']].join(' '),
});`;

it('a function is called through its URL, by path and by host name', async () => {
  const FunctionName = 'web';
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archiveOf({ 'index.mjs': CODE }) },
    }),
  );
  const { FunctionUrl = '' } = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }),
  );
  expect((await fetch(FunctionUrl)).status).toBe(403);
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'everybody',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    }),
  );

  const answer = await fetch(`${FunctionUrl}orders/7?a=1`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain', 'X-Own': 'yes' },
    body: 'hello',
  });
  expect([answer.status, await answer.text()]).toEqual([201, '/orders/7 hello false yes']);
  expect(answer.headers.get('Content-Type')).toBe('text/plain');
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);

  const urlId = FunctionUrl.split('/').at(-2) ?? '';
  const { port } = new URL(local.endpoint);
  const text = await new Promise<string>((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/by/host',
        headers: { Host: `${urlId}.lambda-url.us-east-1.localhost:${port}` },
      },
      async (response) => resolve(Buffer.concat(await response.toArray()).toString()),
    );
    sent.on('error', reject).end();
  });
  expect(text).toBe('/by/host  false ');
});
