/** Deploys the app to an engine of this process, and follows one order through failure, retry and archive. */
import assert from 'node:assert/strict';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { InvalidInputError, LocalEngine } from '@holdfast/local';

const engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
const client = {
  endpoint: engine.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
};
const lambda = new LambdaClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });

const [stack] = await engine.deploy('cdk.out');
assert.equal(stack?.result, 'created');

const answer = await lambda.send(new InvokeCommand({ FunctionName: 'orders', Payload: '{}' }));
assert.equal(answer.Payload?.transformToString(), '"booked"');

await lambda.send(new InvokeCommand({ FunctionName: 'orders', InvocationType: 'Event', Payload: '{"fail":true}' }));
await engine.advance(3 * 60 * 60 * 1_000);
const { Contents = [] } = await s3.send(
  new ListObjectsV2Command({ Bucket: stack.outputs['ArchiveBucket'] ?? '', Prefix: 'dead-letters/' }),
);
assert.equal(Contents.length, 1, 'the order that can never be booked is in the archive');

await engine.setMode('live');
const refused = await engine.advance(1).catch((error: unknown) => error);
assert.ok(refused instanceof InvalidInputError);
assert.match(refused.stack ?? '', /local-engine\.ts/, 'with --enable-source-maps, traces name the sources');
await engine.close();
console.log('deployed, failed, retried, archived');
