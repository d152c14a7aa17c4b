import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalEngine } from '@holdfast/local';
import { VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { keptAssembly } from '@holdfast/stacks/testing';
import { listSamples, readUpload } from '../black-friday/workload.ts';
import { deployVendorOnboarding } from '../deploy.ts';
import { ANY_CREDENTIALS } from '../target.ts';
import { withBug } from './bad-deploy-fixture.ts';

/** When it begins, on the engine's own time. */
export const FRIDAY = new Date('2026-11-27T08:00:00Z');

const FILES = 40;
const POISONED = 5;

/**
 * The bad day of docs/operate.md: forty files of vendors after a bad deployment of the parser, and a vendor whose own
 * software announces its files in a form of its own.
 *
 * @param directory - for the assembly with the bug
 * @returns deploys the good version again
 */
export const badFriday = async (engine: LocalEngine, directory: string): Promise<() => Promise<void>> => {
  const assembly = keptAssembly('VendorOnboarding');
  await deployVendorOnboarding(engine, 'schedule', assembly);
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const s3 = new S3Client({ ...target, forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const bucket = Buckets.find(({ Name = '' }) => /upload|vendor/i.test(Name))?.Name ?? '';

  await engine.deploy(withBug(assembly, join(directory, 'bad.out')));
  for (const file of listSamples(VENDOR_UPLOADS_DIR, FILES, 'friday')) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: file.key, Body: readUpload(file) }));
  }
  const [first] = listSamples(VENDOR_UPLOADS_DIR, 1, 'poison');
  const lambda = new LambdaClient(target);
  for (let nth = 0; nth < POISONED; nth += 1) {
    const key = `uploads/VEND901/poison-${nth}.csv`;
    const Body = readUpload(first as NonNullable<typeof first>);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
    const Payload = JSON.stringify({
      records: [{ eventSource: 'aws:s3', s3: { bucket: { name: bucket }, object: { key } } }],
    });
    await lambda.send(new InvokeCommand({ FunctionName: 'csv-parser', InvocationType: 'Event', Payload }));
  }
  // Five minutes after, the pipeline's own recovery would take what it can.
  await engine.advance(2 * 60_000);
  return async () => void (await engine.deploy(assembly));
};
