import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { buildApp } from './app.ts';

const outdir = mkdtempSync(join(tmpdir(), 'holdfast-pattern-stacks-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const PATTERNS = ['DlqReplay', 'SqsRetry', 'InvocationRetries'] as const;
const entryOf = () => fileURLToPath(new URL('./fixtures/echo-handler.ts', import.meta.url));
const props = { DlqReplay: { entryOf, tiers: 2 }, SqsRetry: { entryOf }, InvocationRetries: { entryOf } };
const app = buildApp({ app: { outdir }, stacks: PATTERNS, props });
const templateOf = (name: (typeof PATTERNS)[number]): Template => Template.fromStack(app.node.findChild(name) as Stack);

describe('DlqReplay', () => {
  const template = templateOf('DlqReplay');

  it('has the queues of its document', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reliable_q',
      DelaySeconds: 2,
      ReceiveMessageWaitTimeSeconds: 10,
      VisibilityTimeout: 10,
      RedrivePolicy: { maxReceiveCount: 3 },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reliable_q_retry_1',
      DelaySeconds: 10,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'dlq_for_reliable_q' });
  });

  it('gets another tier by one prop, with a longer delay and replays that go on counting', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'reliable_q_retry_2', DelaySeconds: 20 });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'queue-replay-2',
      Environment: { Variables: { MAX_ATTEMPTS: '6' } },
    });
  });

  it('takes batches of five, and its consumer reports which messages failed', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});

describe('SqsRetry', () => {
  const template = templateOf('SqsRetry');

  it('has a queue, a dead-letter queue and a processor for each way to tell what failed', () => {
    for (const suffix of ['', '-whole-batch', '-delete-by-hand']) {
      template.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: `main-queue${suffix}`,
        MessageRetentionPeriod: 345_600,
        VisibilityTimeout: 30,
        RedrivePolicy: { maxReceiveCount: 3 },
      });
      template.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: `dlq${suffix}`,
        MessageRetentionPeriod: 1_209_600,
      });
    }
  });

  it('tells of messages about to expire before the reaper keeps them', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 172_800, Period: 300 });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reaper',
      Environment: { Variables: { MAX_AGE_SECONDS: '259200' } },
    });
  });
});

describe('InvocationRetries', () => {
  const template = templateOf('InvocationRetries');

  it('has the settings of its document', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3_600,
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 185 } }],
    });
    template.resourcePropertiesCountIs(
      'AWS::Lambda::EventSourceMapping',
      { BatchSize: 100, MaximumRetryAttempts: 3, BisectBatchOnFunctionError: true, MaximumRecordAgeInSeconds: 3_600 },
      2,
    );
  });
});

it('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth({ force: true, errorOnDuplicateSynth: false })).not.toThrow();
});
