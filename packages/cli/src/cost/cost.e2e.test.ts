import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { EXIT } from '../exit-code.ts';
import { run } from '../program.ts';
import { ANY_CREDENTIALS } from '../target.ts';

const TEMPLATE = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'door',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        MemorySize: 512,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => ({ statusCode: 202, body: "" });' },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'Function' },
        Principal: 'apigateway.amazonaws.com',
      },
    },
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: 'door', ProtocolType: 'HTTP', Target: { 'Fn::GetAtt': ['Function', 'Arn'] } },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: 'orders' }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1_000,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
  },
  Outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } }, Id: { Value: { Ref: 'Api' } } },
};

let engine: LocalEngine;

const type = async (...words: readonly string[]): Promise<{ out: string; err: string; code: unknown }> => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const note = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await run(['cost', '--endpoint-url', engine.endpoint, ...words]);
    const said = ({ mock }: typeof write): string => mock.calls.map(([text]) => String(text)).join('');
    return { out: said(write), err: said(note), code };
  } finally {
    write.mockRestore();
    note.mockRestore();
  }
};

beforeAll(async () => {
  engine = await LocalEngine.start({ port: 0, startAt: new Date('2026-11-29T09:00:00Z'), clock: 'virtual', seed: 7 });
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await engine.close();
});

it('cannot scale by requests when there were none', async () => {
  await expect(type('--requests', '1000000')).rejects.toMatchObject({ exitCode: EXIT.notFound });
});

it('tells what a million requests a month cost, from a hundred', async () => {
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const cloudFormation = new CloudFormationClient(target);
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: 'door',
      TemplateBody: JSON.stringify(TEMPLATE),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  await engine.advance(60_000);
  const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'door' }));
  expect(stack?.StackStatus).toBe('CREATE_COMPLETE');
  const url = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'Url')?.OutputValue ?? '';
  for (let request = 0; request < 100; request += 1) {
    expect((await fetch(url.replace('https:', 'http:'), { method: 'POST', body: '{}' })).status).toBe(202);
  }
  const sqs = new SQSClient(target);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await engine.advance(60_000);

  const { out, err } = await type('--requests', '1000000', '--json');
  const { lines, notMeasured } = JSON.parse(out);
  const lineOf = (unit: string) => lines.find((line: { unit: string }) => line.unit === unit);
  expect(lineOf('requests, HTTP API')).toMatchObject({ measured: 100, perMonth: 1_000_000, dollars: 1 });
  expect(lineOf('requests')).toMatchObject({ service: 'Lambda', measured: 100, dollars: 0.2 });
  expect(lineOf('requests, standard')).toMatchObject({ service: 'SQS', measured: 2, dollars: 0.008 });
  expect(lineOf('metrics in alarms, a month')).toMatchObject({ measured: 1, dollars: 0.1 });
  expect(notMeasured).toContain('CloudWatch: GB of logs taken in');
  expect(err).toContain('without free tiers');
});

it('the hour that was measured goes on for a month', async () => {
  const { out, err } = await type();
  expect(out).toMatch(/API Gateway +requests, HTTP API +100 +73,000 +\$0\.07/);
  expect(err).toMatch(/not in the sum, because CloudWatch has no figures: .*DynamoDB: write request units/);
});
