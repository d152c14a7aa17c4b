import { readdirSync } from 'node:fs';
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';

const directory = new URL('../../../examples/constructs/', import.meta.url);

const ITSELF_THE_END = 'it is itself where failures go';
const KEY_BY_MESSAGE = 'object keys follow message ids';

/** Findings that stand, by the path of their construct, and why. */
const ACCEPTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Booking: {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
      'a function of a user',
  },
  'Kept/Failures': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Target/DeadLetters': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Consumer/Failures': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Failures/Queue': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Safe/Failures/Queue': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  Archive: { 'AwsSolutions-S1': 'a bucket of a user' },
  'Safe/Archive': { 'AwsSolutions-S1': 'logs would need a second bucket that has none itself' },
  'Orders/Kept': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Orders/Queue': { 'AwsSolutions-SQS3': 'to be without a redrive policy is its purpose; what would expire is kept' },
  'Workflow/DeadLetters': { 'AwsSolutions-SQS3': ITSELF_THE_END },
  'Workflow/Workflow/Role/DefaultPolicy': {
    'AwsSolutions-IAM5[Resource::*]': 'the deliveries of logs and X-Ray know no narrower resource',
    'AwsSolutions-IAM5[Resource::<Booking00989C9F.Arn>:*]': 'versions of one function, as CDK allows them to a task',
  },
  'Retry/Role': {
    'AwsSolutions-IAM5[Resource::<ArchiveDA4CB258.Arn>/dead-letters/*]': KEY_BY_MESSAGE,
    'AwsSolutions-IAM5[Resource::*]': 'metrics have no ARN; the namespace is narrowed',
  },
  'Retry/Role/DefaultPolicy': {
    'AwsSolutions-IAM5[Resource::*]': 'the deliveries of logs and X-Ray know no narrower resource',
  },
  'Safe/Retry/Retry/Role': {
    'AwsSolutions-IAM5[Resource::<SafeArchive71197FDA.Arn>/dead-letters/*]': KEY_BY_MESSAGE,
  },
};

describe.each(readdirSync(directory).map((file) => file.replace('.ts', '')))('the example of %s', (name) => {
  it('is synthesised, warns of nothing, and cdk-nag finds nothing that is not accepted with a reason', async () => {
    const { app } = (await import(new URL(`${name}.ts`, directory).href)) as { readonly app: App };
    const stack = app.node.findChild('Shop') as Stack;
    for (const [path, findings] of Object.entries(ACCEPTED)) {
      const construct = path
        .split('/')
        .reduce<IConstruct | undefined>((at, id) => at?.node.tryFindChild(id) as IConstruct | undefined, stack);
      if (construct === undefined) continue;
      for (const [id, reason] of Object.entries(findings)) Validations.of(construct).acknowledge({ id, reason });
    }
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('@holdfast'));
  });
});
