import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, expect, it } from 'vitest';
import { buildApp } from './app.ts';
import { CONCURRENCY_ALLOCATION } from './concurrency.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
}

const outdir = mkdtempSync(join(tmpdir(), 'holdfast-stacks-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const entryOf = () => fileURLToPath(new URL('./fixtures/echo-handler.ts', import.meta.url));
const app = buildApp({ app: { outdir }, stacks: ['VendorOnboarding'], props: { VendorOnboarding: { entryOf } } });
const vendorOnboarding = app.node.findChild('VendorOnboarding') as Stack;
const template = Template.fromStack(vendorOnboarding);
const resources = template.toJSON()['Resources'] as Record<
  string,
  { readonly Type: string; readonly Properties: Record<string, unknown> }
>;

interface Found {
  readonly where: string;
  /** Of a policy by itself, whom it is attached to. */
  readonly roles: readonly string[];
  readonly statement: Statement;
}

/** Every policy statement of the template, wherever it stands. */
const statements: readonly Found[] = Object.entries(resources).flatMap(([logicalId, { Properties }]) => {
  const roles = ((Properties['Roles'] ?? []) as readonly { readonly Ref: string }[]).map(({ Ref }) => Ref);
  const found: Found[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const list = (value as { Statement?: readonly Statement[] }).Statement;
    if (Array.isArray(list)) for (const statement of list) found.push({ where: logicalId, roles, statement });
    for (const member of Object.values(value)) walk(member);
  };
  walk(Properties);
  return found;
});

/** Resources that AWS forces to end in a star, and why. */
const FORCED_STARS: Readonly<Record<string, string>> = {
  '/uploads/*': 'object keys are chosen by vendors',
  '/errors/*': 'object keys follow the keys of vendors',
  '/dead-letters/*': 'object keys follow message ids',
};

it('no role has a star in an action, nor in a resource beyond what AWS forces', () => {
  const allowed = statements.filter(({ statement }) => statement.Effect === 'Allow');
  expect(allowed.length).toBeGreaterThan(20);

  const starred = allowed.flatMap(({ where, statement }) => {
    const actions = [statement.Action].flat().filter((action) => action.includes('*'));
    const texts = JSON.stringify(statement.Resource ?? '').match(/"[^"]*\*[^"]*"/g) ?? [];
    const unforced = texts.map((text) => JSON.parse(text) as string).filter((text) => FORCED_STARS[text] === undefined);
    return [...actions, ...unforced].map((what) => `${where}: ${what}`);
  });

  expect(starred).toEqual([]);
});

it('stars outside of roles only deny', () => {
  const withStarAction = statements.filter(({ statement }) => [statement.Action].flat().some((a) => a.includes('*')));

  expect(new Set(withStarAction.map(({ statement }) => statement.Effect))).toEqual(new Set(['Deny']));
});

/** What the handlers call, by function: `packages/functions/README.md` says the same. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'csv-parser': [
    'dynamodb:BatchWriteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    'sns:Publish',
    'sqs:SendMessage',
  ],
  'product-validator': ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
  'error-processor': ['dynamodb:GetItem', 'dynamodb:UpdateItem', 's3:GetObject', 's3:ListBucket'],
  'csv-parser-retry': [
    'dynamodb:DeleteItem',
    'dynamodb:UpdateItem',
    'lambda:InvokeFunction',
    's3:PutObject',
    'sns:Publish',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:ReceiveMessage',
  ],
};

/** What Lambda itself does with a function's role, and hiding a message for longer, as CDK grants it to who consumes a queue. */
const CONSUMES = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];
const BY_LAMBDA: Readonly<Record<string, readonly string[]>> = {
  'product-validator': CONSUMES,
  'error-processor': CONSUMES,
};

it.each(Object.keys(CALLS))('the role of %s allows exactly what its code calls', (functionName) => {
  const found = Object.values(resources).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties['FunctionName'] === functionName,
  );
  const role = found?.Properties['Role'] as { readonly 'Fn::GetAtt': readonly [string, string] } | undefined;
  const roleId = role?.['Fn::GetAtt'][0];

  const actions = statements
    .filter(
      ({ where, roles, statement }) =>
        roleId !== undefined && [where, ...roles].includes(roleId) && statement.Resource !== undefined,
    )
    .flatMap(({ statement }) => statement.Action);

  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  expect([...new Set(actions)].sort()).toEqual(
    [...(CALLS[functionName] ?? []), ...(BY_LAMBDA[functionName] ?? []), ...logs].sort(),
  );
});

it('functions have no managed policies and roles of their own', () => {
  const roles = Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  const functions = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');

  expect(functions).toHaveLength(4);
  expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties['Role']))).size).toBe(4);
  for (const role of roles) expect(role.Properties['ManagedPolicyArns']).toBeUndefined();
});

it('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  expect(() => app.synth({ force: true, errorOnDuplicateSynth: false })).not.toThrow();
});

it('the concurrency of the account adds up', () => {
  const { accountTotal, reserved, unreserved } = CONCURRENCY_ALLOCATION;

  expect(Object.values(reserved).reduce((a, b) => a + b, 0) + unreserved).toBe(accountTotal);
  for (const [functionName, concurrency] of Object.entries(reserved)) {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: functionName,
      ReservedConcurrentExecutions: concurrency,
    });
  }
});

it('uploads reach csv-parser, and what it cannot take within a minute reaches csv-parser-dlq', () => {
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketName: { 'Fn::Join': ['', ['ecommerce-product-uploads-', { Ref: 'AWS::AccountId' }]] },
  });
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'csv-parser-dlq',
    MessageRetentionPeriod: 1_209_600,
    VisibilityTimeout: 300,
    ReceiveMessageWaitTimeSeconds: 20,
  });
});

it('alarms and dashboard bear the names of the runbook', () => {
  for (const alarmName of [
    'csv-parser-dlq-high-depth',
    'csv-parser-max-retries-exceeded',
    'csv-parser-high-throttles',
  ]) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: alarmName });
  }
  template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'CSV-Parser-Retry-Monitoring' });
});

it('nothing in the template is a custom resource', () => {
  expect(Object.values(resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
});
