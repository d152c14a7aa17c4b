import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startTestEngine } from '@holdfast/testing';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { ThrottleSafeFunction } from './throttle-safe-function.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-throttle-safe-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A function as users have it: not one of ours. */
const theirs = (stack: Stack, functionName: string): lambda.Function =>
  new lambda.Function(stack, 'Thumbnails', {
    functionName,
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {}'),
    reservedConcurrentExecutions: 1,
  });

const assembly = (recovery: 'schedule' | 'workflow'): string => {
  const outdir = join(directory, recovery);
  const app = new App({ outdir, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'Shop');
  new ThrottleSafeFunction(stack, 'Safe', { function: theirs(stack, 'thumbnails'), recovery, maxRetries: 3 });
  app.synth();
  return outdir;
};

describe.each(['schedule', 'workflow'] as const)("any function's events, recovered by %s", (recovery) => {
  it('come back until they are taken, and are archived and told of when nothing helps', async () => {
    let isDown = true;
    const done: unknown[] = [];
    await using aws = await startTestEngine({
      startAt: new Date('2026-11-29T09:00:00Z'),
      bind: {
        thumbnails: (event: { readonly picture: number }) => {
          if (isDown || event.picture === 13) throw new Error('down');
          done.push(event.picture);
        },
      },
    });
    await aws.deploy(assembly(recovery));
    await aws.advance({ minutes: 1 });
    for (const picture of [1, 2, 13]) {
      await aws.client(LambdaClient).send(
        new InvokeCommand({
          FunctionName: 'thumbnails',
          InvocationType: 'Event',
          Payload: JSON.stringify({ picture }),
        }),
      );
    }
    await aws.advance({ seconds: 10 });
    isDown = false;
    await aws.advance({ hours: 3 });
    expect(done.sort()).toEqual([1, 2]);
    expect(await aws.messages('thumbnails-dlq')).toEqual([]);
    const s3 = aws.client(S3Client);
    const { Buckets: [archive] = [] } = await s3.send(new ListBucketsCommand({ Prefix: 'shop-safearchive' }));
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: archive?.Name, Prefix: 'dead-letters/' }));
    expect(listed.KeyCount).toBe(1);
    expect(aws.alarmed()).toContain('thumbnails-max-retries-exceeded');
  });
});
