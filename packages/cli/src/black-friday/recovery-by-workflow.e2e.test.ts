import { paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { LocalEngine } from '@holdfast/local';
import { RECOVERIES, VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { keptAssembly } from '@holdfast/stacks/testing';
import { expect, it } from 'vitest';
import { deployVendorOnboarding } from '../deploy.ts';
import { RECOVERY_CHOICES } from '../recovery-option.ts';
import { virtualTime } from '../time-line.ts';
import { Pipeline } from './pipeline.ts';
import { runBlackFriday } from './run.ts';
import { View } from './view.ts';
import { listUploads } from './workload.ts';

/** Each that is parsed at the same time is a cold start. */
const FILES = 16;

it('the ways of recovery that the command offers are those of the pipeline', () => {
  expect(RECOVERY_CHOICES).toEqual(RECOVERIES);
});

it('with a workflow for each dead letter a failing vendor is alerted after five retries, and nothing is lost', async () => {
  const engine = await LocalEngine.start({ port: 0 });
  try {
    await deployVendorOnboarding(engine, 'workflow', keptAssembly('VendorOnboarding', 'workflow'));
    const target = {
      endpoint: engine.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const pipeline = await Pipeline.find(target);
    const files = listUploads(VENDOR_UPLOADS_DIR, FILES, 'flow');
    const ofVendor = files.filter(({ key }) => key.startsWith('uploads/VEND003/'));
    expect(ofVendor).toHaveLength(1);
    const time = await virtualTime(target);
    const { report } = await runBlackFriday(pipeline, time, new View(process.stderr), {
      run: 'flow',
      files,
      copies: 1,
      windowMs: 1_000,
      parserLatencyMs: 5_000,
      failVendor: 'VEND003',
      patienceMs: 3_600_000,
      lookEveryMs: 60_000,
      signal: new AbortController().signal,
    });
    await time.end();

    expect(pipeline.recovery).toBe('workflow');
    expect(report.files).toMatchObject({
      total: FILES,
      done: FILES - ofVendor.length,
      failed: ofVendor.length,
      lost: 0,
      viaDlq: ofVendor.length,
    });
    expect(report.alerts).toBe(ofVendor.length);
    const sfn = new SFNClient(target);
    const statuses: (string | undefined)[] = [];
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:csv-parser-retry';
    for await (const { executions = [] } of paginateListExecutions({ client: sfn }, { stateMachineArn })) {
      statuses.push(...executions.map(({ status }) => status));
    }
    sfn.destroy();
    expect(statuses).toEqual(ofVendor.map(() => 'SUCCEEDED'));
  } finally {
    await engine.close();
  }
}, 300_000);
