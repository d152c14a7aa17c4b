import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListStackResourcesCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';

let engine: LocalEngine;
let client: CloudFormationClient;

beforeAll(async () => {
  engine = await LocalEngine.start({ port: 0 });
  client = new CloudFormationClient({
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

afterAll(async () => {
  client.destroy();
  await engine.close();
});

const waiting = { maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 };

it('the official client deploys by change set, as cdk deploy and aws cloudformation deploy do', async () => {
  const TemplateBody = `
Parameters:
  Name: { Type: String, Default: jobs }
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Ref Name
Outputs:
  Arn: { Value: !GetAtt Jobs.Arn, Description: where jobs go }
`;
  const names = { StackName: 'shop', ChangeSetName: 'first' };

  await client.send(
    new CreateChangeSetCommand({
      ...names,
      ChangeSetType: 'CREATE',
      TemplateBody,
      Parameters: [{ ParameterKey: 'Name', ParameterValue: 'orders' }],
      Tags: [{ Key: 'team', Value: 'a' }],
      NotificationARNs: [],
    }),
  );
  await waitUntilChangeSetCreateComplete({ client, ...waiting }, names);
  await client.send(new ExecuteChangeSetCommand(names));
  await waitUntilStackCreateComplete({ client, ...waiting }, { StackName: 'shop' });

  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'shop' }));
  expect(Stacks?.[0]).toMatchObject({
    StackStatus: 'CREATE_COMPLETE',
    Outputs: [
      { OutputKey: 'Arn', OutputValue: 'arn:aws:sqs:us-east-1:000000000000:orders', Description: 'where jobs go' },
    ],
    Parameters: [{ ParameterKey: 'Name', ParameterValue: 'orders' }],
    Tags: [{ Key: 'team', Value: 'a' }],
    CreationTime: expect.any(Date),
  });
  const { StackResourceSummaries } = await client.send(new ListStackResourcesCommand({ StackName: 'shop' }));
  expect(StackResourceSummaries?.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Jobs']);
  expect((await client.send(new GetTemplateCommand({ StackName: 'shop' }))).TemplateBody).toBe(TemplateBody);
  const summary = await client.send(new GetTemplateSummaryCommand({ TemplateBody }));
  expect(summary.ResourceTypes).toEqual(['AWS::SQS::Queue']);
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: 'shop' }));
  expect(StackEvents?.[0]).toMatchObject({ LogicalResourceId: 'shop', ResourceStatus: 'CREATE_COMPLETE' });

  await client.send(new DeleteStackCommand({ StackName: 'shop' }));
  await waitUntilStackDeleteComplete({ client, ...waiting }, { StackName: 'shop' });
});

it('errors reach the client with the names that CloudFormation gives them', async () => {
  await expect(client.send(new DescribeStacksCommand({ StackName: 'nowhere' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id nowhere does not exist',
    $metadata: { httpStatusCode: 400 },
  });
  const ChangeSetName = 'arn:aws:cloudformation:us-east-1:000000000000:changeSet/first/0';
  await expect(client.send(new ExecuteChangeSetCommand({ ChangeSetName }))).rejects.toMatchObject({
    name: 'ChangeSetNotFoundException',
  });
  await expect(
    client.send(new ExecuteChangeSetCommand({ StackName: 'nowhere', ChangeSetName: 'first' })),
  ).rejects.toMatchObject({ name: 'ValidationError', message: 'Stack [nowhere] does not exist' });
});
