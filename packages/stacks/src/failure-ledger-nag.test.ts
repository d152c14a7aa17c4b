import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailureLedger } from '@holdfast/constructs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it, onTestFinished } from 'vitest';

it('cdk-nag finds nothing at a failure ledger but what its keys and its own bucket explain', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'holdfast-failure-ledger-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  const app = new App({ outdir, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'Shop');
  const deadLetters = new sqs.Queue(stack, 'DeadLetters', { enforceSSL: true });
  const ledger = new FailureLedger(stack, 'Ledger', { queues: [deadLetters] });
  Validations.of(deadLetters).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is itself where failures go.' });
  Validations.of(ledger.bucket.bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Each object has a line in the index; access logs would need a second bucket that has none itself.',
  });
  Validations.of(ledger.function.role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::failure-ledger-<AWS::AccountId>-<AWS::Region>/dead-letters/*]',
    reason: 'Keys are made of message ids; IAM can name them by prefix only.',
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth({ force: true, errorOnDuplicateSynth: false })).not.toThrow();
});
