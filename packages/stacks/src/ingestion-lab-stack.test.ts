import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { buildApp } from './app.ts';

const outdir = mkdtempSync(join(tmpdir(), 'holdfast-ingestion-stack-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const entryOf = () => fileURLToPath(new URL('./fixtures/echo-handler.ts', import.meta.url));
const appWith = (context: Record<string, unknown> = {}) =>
  buildApp({ app: { outdir, context }, stacks: ['IngestionLab'], props: { IngestionLab: { entryOf } } });
const stackWith = (context?: Record<string, unknown>) => appWith(context).node.findChild('IngestionLab') as Stack;

interface Found {
  readonly Properties: Record<string, unknown>;
}

/** What the code of each function calls, and what Lambda does in its name. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  ingest: ['dynamodb:GetItem', 'dynamodb:PutItem', 'sqs:SendMessage', 'ssm:GetParameter'],
  status: ['dynamodb:GetItem'],
  health: ['dynamodb:GetItem', 'sqs:GetQueueAttributes', 'ssm:GetParameter'],
  redrive: [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'sqs:ChangeMessageVisibility',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ],
  'redrive-run': [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ],
  worker: [
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'events:PutEvents',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
    'ssm:GetParameter',
  ],
};

/** `ChangeMessageVisibility` and `GetQueueUrl` come with CDK's event source and are used by no code. */
const actionsOf = (template: Template, functionName: string): readonly string[] => {
  const resources = template.toJSON()['Resources'] as Record<string, Found>;
  const functions = template.findResources('AWS::Lambda::Function', { Properties: { FunctionName: functionName } });
  const [made] = Object.values(functions) as Found[];
  const [roleId] = (made as unknown as { Properties: { Role: { 'Fn::GetAtt': [string, string] } } }).Properties.Role[
    'Fn::GetAtt'
  ];
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).filter((policy) =>
    JSON.stringify(policy['Properties'].Roles).includes(roleId),
  );
  const documents = [resources[roleId]?.Properties['Policies'], ...attached.map((policy) => policy['Properties'])];
  const statements = JSON.parse(JSON.stringify(documents)).flat() as { PolicyDocument: { Statement: object[] } }[];
  return statements
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[])
    .flatMap(({ Action, Resource }) => {
      const isTracing = String(Action).startsWith('xray:');
      // X-Ray has no resources that a statement could name.
      if (!isTracing) expect(JSON.stringify(Resource)).not.toContain('*');
      return isTracing ? [] : Action;
    })
    .filter((action) => !action.startsWith('logs:'))
    .sort();
};

describe('IngestionLab', () => {
  const template = Template.fromStack(stackWith());

  it('has the routes of its document', () => {
    for (const RouteKey of [
      'POST /events',
      'GET /events/{id}',
      'GET /health',
      'GET /redrive/preview',
      'POST /redrive/start',
      'GET /redrive/{id}',
      'POST /redrive/{id}/pause',
      'POST /redrive/{id}/resume',
      'POST /redrive/{id}/cancel',
    ]) {
      template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey });
    }
    template.hasOutput('ApiUrl', {});
  });

  it('has the settings of its document', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'ingestion-events-dev',
      VisibilityTimeout: 180,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'ingestion-worker-dev', Timeout: 30 });
    template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/ingestion/failure_mode', Value: 'none' });
    template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'IngestionLab-dev' });
    template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 2);
    template.resourceCountIs('AWS::Logs::QueryDefinition', 5);
    template.resourceCountIs('AWS::KMS::Key', 0);
    template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it.each(Object.entries(CALLS))('the role of %s allows exactly what its code calls, and no stars', (name, calls) => {
    expect([...new Set(actionsOf(template, `ingestion-${name}-dev`))]).toEqual(calls);
  });

  it('has a dead-letter queue that receives push nothing out of, so that a preview is only a look', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'ingestion-events-dlq-dev',
      RedrivePolicy: Match.absent(),
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it('takes all its settings from the context', () => {
    const other = Template.fromStack(
      stackWith({
        envName: 'staging',
        maxReceiveCount: '3',
        batchSize: 5,
        workerTimeoutSeconds: 60,
        queueVisibilitySeconds: 400,
        useKmsCmk: 'true',
        alarmEmail: 'ops@example.com',
        ttlDays: 30,
      }),
    );
    other.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'ingestion-events-staging',
      VisibilityTimeout: 400,
      RedrivePolicy: { maxReceiveCount: 3 },
      KmsMasterKeyId: Match.anyValue(),
    });
    other.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 5 });
    other.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
    // Nothing that two environments of one account would share.
    other.hasResourceProperties('AWS::SSM::Parameter', { Name: '/ingestion/staging/failure_mode' });
    other.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'EventsPutAside',
      Dimensions: [{ Name: 'service', Value: 'ingestion-staging' }],
    });
    other.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'ingestion-worker-staging',
      Environment: { Variables: { TTL_DAYS: '30', MAX_RECEIVE_COUNT: '3' } },
    });
  });

  it('remembers what was done for longer than a message may lie in both queues, whatever was asked for', () => {
    const short = Template.fromStack(stackWith({ ttlDays: 2 }));
    const daysIn = (QueueName: string): number => {
      const [queue] = Object.values(short.findResources('AWS::SQS::Queue', { Properties: { QueueName } }));
      return queue?.['Properties'].MessageRetentionPeriod / 86_400;
    };
    const days = daysIn('ingestion-events-dev') + daysIn('ingestion-events-dlq-dev');
    for (const FunctionName of ['ingestion-ingest-dev', 'ingestion-worker-dev']) {
      const Environment = { Variables: { TTL_DAYS: String(days + 1) } };
      short.hasResourceProperties('AWS::Lambda::Function', { FunctionName, Environment });
    }
  });

  it('hides messages for thirty seconds more than the worker may take, and warns below six times that', () => {
    const short = stackWith({ workerTimeoutSeconds: 60, queueVisibilitySeconds: 10 });
    Template.fromStack(short).hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 90 });
    Annotations.fromStack(short).hasWarning('*', Match.stringLikeRegexp('90 s is below the 360 s'));
    Annotations.fromStack(stackWith()).hasNoWarning('*', Match.stringLikeRegexp('visibilityTimeout'));
  });

  it('has a network without a way out when it is asked for endpoints: one for each service that the functions call', () => {
    const other = Template.fromStack(stackWith({ vpcEndpoints: 'true' }));
    const endpoints = Object.values(other.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => [
      Properties.VpcEndpointType,
      JSON.stringify(Properties.ServiceName).match(/(\w+)"(?:\]|$)/)?.[1],
    ]);
    expect(endpoints.sort()).toEqual([
      ['Gateway', 'dynamodb'],
      ...['events', 'sqs', 'ssm', 'xray'].map((service) => ['Interface', service]),
    ]);
    const called = new Set(
      Object.values(CALLS)
        .flat()
        .map((action) => action.split(':')[0]),
    );
    // What functions call, and what traces are told to.
    expect([...called, 'xray'].sort()).toEqual(endpoints.map(([, service]) => service).sort());
    for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway']) other.resourceCountIs(type, 0);
    const functions = other.findResources('AWS::Lambda::Function');
    other.resourcePropertiesCountIs(
      'AWS::Lambda::Function',
      { VpcConfig: { SubnetIds: [Match.anyValue(), Match.anyValue()], SecurityGroupIds: [Match.anyValue()] } },
      Object.keys(functions).length,
    );
    template.resourceCountIs('AWS::EC2::VPC', 0);
  });

  it.each([
    ['envName', 'Dev!', 'envName: "Dev!" must be up to 16 of a-z, 0-9 and -, a letter first'],
    ['vpcEndpoints', 'some', 'vpcEndpoints: "some" must be true or false'],
    ['batchSize', 11, 'batchSize: 11 must be a whole number from 1 to 10'],
  ])('refuses a wrong %s', (name, value, message) => {
    expect(() => stackWith({ [name]: value })).toThrow(message);
  });

  it.each([{}, { useKmsCmk: 'true', vpcEndpoints: 'true' }])(
    'cdk-nag finds nothing that is not acknowledged with a reason: %j',
    (context) => {
      const app = appWith(context);
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      expect(() => app.synth({ force: true, errorOnDuplicateSynth: false })).not.toThrow();
    },
  );
});
