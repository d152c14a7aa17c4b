import { createHash } from 'node:crypto';
import {
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  InvokeCommand,
  LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
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

it('a client publishes a layer, and a function requires a package from it, also when it has been deleted', async () => {
  const LayerName = 'colours';
  const ZipFile = archiveOf({ 'nodejs/node_modules/colour/index.js': `module.exports = 'blue';` });
  const { LayerVersionArn, Version } = await lambda.send(
    new PublishLayerVersionCommand({ LayerName, Content: { ZipFile } }),
  );
  const Arn = LayerVersionArn as string;
  expect(Version).toBe(1);
  expect(await lambda.send(new GetLayerVersionByArnCommand({ Arn }))).toMatchObject({
    LayerVersionArn,
    Content: { CodeSize: ZipFile.length },
  });
  expect(await lambda.send(new ListLayersCommand({}))).toMatchObject({ Layers: [{ LayerName }] });
  expect((await lambda.send(new ListLayerVersionsCommand({ LayerName }))).LayerVersions).toMatchObject([
    { LayerVersionArn },
  ]);

  const FunctionName = 'painter';
  const code = archiveOf({ 'index.js': `exports.handler = async () => require('colour');` });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/painter',
      Code: { ZipFile: code },
      Layers: [Arn],
    }),
  );
  expect((await lambda.send(new GetFunctionCommand({ FunctionName }))).Configuration?.Layers).toEqual([
    { Arn, CodeSize: ZipFile.length },
  ]);
  await lambda.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 }));
  await expect(lambda.send(new GetLayerVersionCommand({ LayerName, VersionNumber: 1 }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });

  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName }));
  expect([FunctionError, Buffer.from(Payload ?? []).toString()]).toEqual([undefined, '"blue"']);
});

it('a client downloads the very archives of a function and of a layer', async () => {
  const code = archiveOf({ 'index.mjs': 'export const handler = async () => 1;' });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'downloaded',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: code },
    }),
  );
  const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'downloaded' }));
  const layer = archiveOf({ 'nodejs/x.js': '1' });
  const { Content } = await lambda.send(
    new PublishLayerVersionCommand({ LayerName: 'downloaded', Content: { ZipFile: layer } }),
  );

  const wanted = [
    { location: Code?.Location, sha256: Configuration?.CodeSha256, bytes: code },
    { location: Content?.Location, sha256: Content?.CodeSha256, bytes: layer },
  ];
  for (const { location, sha256, bytes } of wanted) {
    expect(new URL(location as string).origin).toBe(new URL(local.endpoint).origin);
    const answer = await fetch(location as string);
    const body = new Uint8Array(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'application/zip']);
    expect(body).toEqual(bytes);
    expect(createHash('sha256').update(body).digest('base64')).toBe(sha256);
  }
  expect((await fetch(`${local.endpoint}/_holdfast/lambda/archives/${'0'.repeat(64)}`)).status).toBe(404);
});
