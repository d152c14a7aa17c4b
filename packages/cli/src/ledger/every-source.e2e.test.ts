import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { seededRandom } from '@holdfast/kernel';
import { createOperations, MemoryJobStore, type Operations } from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';

const ACCOUNT = '000000000000';
const arnOf = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const queueArn = (name: string): string => arnOf('sqs', name);

const FUNCTIONS = ['worker', 'legacy', 'streamer', 'tabler', 'piped', 'stepper', 'consumer'] as const;
const DLQS = ['function', 'legacy', 'stream', 'table', 'pipe', 'rule', 'subscription', 'schedule', 'queue'] as const;

const dlq = (name: string): string => queueArn(`${name}-dlq`);
const functionArn = (name: string): string => arnOf('lambda', `function:${name}`);

const queue = (QueueName: string, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...more },
});

const lambda = (FunctionName: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile: 'exports.handler = async () => {};' },
    ...(FunctionName === 'legacy' ? { DeadLetterConfig: { TargetArn: dlq('legacy') } } : {}),
  },
});

const mapping = (FunctionName: string, EventSourceArn: object | string, dead: string) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  DependsOn: [`F${FunctionName}`, `D${dead}`],
  Properties: {
    FunctionName,
    EventSourceArn,
    StartingPosition: 'TRIM_HORIZON',
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: dlq(dead) } },
  },
});

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
    ...Object.fromEntries(FUNCTIONS.map((name) => [`F${name}`, lambda(name)])),
    ...Object.fromEntries(DLQS.map((name) => [`D${name}`, queue(`${name}-dlq`)])),
    OnFailure: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      DependsOn: ['Fworker', 'Dfunction'],
      Properties: {
        FunctionName: 'worker',
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: dlq('function') } },
      },
    },
    Orders: {
      ...queue('orders', {
        VisibilityTimeout: 30,
        RedrivePolicy: { deadLetterTargetArn: dlq('queue'), maxReceiveCount: 2 },
      }),
      DependsOn: ['Dqueue'],
    },
    OrdersMapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      DependsOn: ['Orders', 'Fconsumer'],
      Properties: { FunctionName: 'consumer', EventSourceArn: queueArn('orders'), BatchSize: 1 },
    },
    Clicks: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'clicks', ShardCount: 1 } },
    ClicksMapping: mapping('streamer', { 'Fn::GetAtt': ['Clicks', 'Arn'] }, 'stream'),
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'items',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    TableMapping: mapping('tabler', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'table'),
    Piped: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'piped', ShardCount: 1 } },
    Pipe: {
      Type: 'AWS::Pipes::Pipe',
      DependsOn: ['Fpiped', 'Dpipe'],
      Properties: {
        Name: 'clicks-pipe',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Source: { 'Fn::GetAtt': ['Piped', 'Arn'] },
        SourceParameters: {
          KinesisStreamParameters: {
            StartingPosition: 'TRIM_HORIZON',
            MaximumRetryAttempts: 1,
            DeadLetterConfig: { Arn: dlq('pipe') },
          },
        },
        Target: functionArn('piped'),
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      DependsOn: ['Drule'],
      Properties: {
        Name: 'shop',
        EventPattern: { source: ['shop'] },
        Targets: [
          {
            Id: 'audit',
            Arn: queueArn('audit'),
            DeadLetterConfig: { Arn: dlq('rule') },
            RetryPolicy: { MaximumRetryAttempts: 0 },
          },
        ],
      },
    },
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      DependsOn: ['Drule', 'Dsubscription'],
      Properties: {
        Queues: ['rule-dlq', 'subscription-dlq'].map(
          (name) => `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${name}`,
        ),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
              Action: 'sqs:SendMessage',
              Resource: '*',
            },
          ],
        },
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      DependsOn: ['Dsubscription'],
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'sqs',
        Endpoint: queueArn('inbox'),
        RedrivePolicy: { deadLetterTargetArn: dlq('subscription') },
      },
    },
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      DependsOn: ['Dschedule'],
      Properties: {
        Name: 'nightly',
        ScheduleExpression: 'rate(1 hour)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: queueArn('nightly'),
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Input: '{"run":"nightly"}',
          DeadLetterConfig: { Arn: dlq('schedule') },
          RetryPolicy: { MaximumRetryAttempts: 0 },
        },
      },
    },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      DependsOn: ['Fstepper'],
      Properties: {
        StateMachineName: 'ship',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        DefinitionString: JSON.stringify({
          StartAt: 'Ship',
          States: { Ship: { Type: 'Task', Resource: functionArn('stepper'), End: true } },
        }),
      },
    },
  },
};

describe('every source of failures', () => {
  let engine: LocalEngine;
  let operations: Operations;
  let target: { endpoint: string; region: string; credentials: typeof ANY_CREDENTIALS };
  let isBroken = true;
  const seen = new Map<string, unknown[]>();
  const MACHINE = arnOf('states', 'stateMachine:ship');
  const ARCHIVE = 'arn:aws:s3:::archive/dead-letters/';

  beforeAll(async () => {
    engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: new Date('2026-11-27T00:00:00Z') });
    target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
    for (const name of FUNCTIONS) {
      seen.set(name, []);
      engine.bind(name, async (event) => {
        if (isBroken) throw new TypeError(`${name} was deployed with a bug`);
        seen.get(name)?.push(event);
        return {};
      });
    }
    await engine.deployTemplate('sources', JSON.stringify(TEMPLATE));
    const sqs = new SQSClient(target);
    const QueueUrl = `${engine.endpoint}/${ACCOUNT}/orders`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"order":1}' }));
    const lambda = new LambdaClient(target);
    for (const FunctionName of ['worker', 'legacy']) {
      await lambda.send(
        new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: `{"for":"${FunctionName}"}` }),
      );
    }
    const kinesis = new KinesisClient(target);
    for (const StreamName of ['clicks', 'piped']) {
      await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('{"click":1}') }));
    }
    await new DynamoDBClient(target).send(new PutItemCommand({ TableName: 'items', Item: { id: { S: 'one' } } }));
    await new EventBridgeClient(target).send(
      new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{"item":7}' }] }),
    );
    await new SNSClient(target).send(new PublishCommand({ TopicArn: arnOf('sns', 'alerts'), Message: 'look' }));
    await new SFNClient(target).send(
      new StartExecutionCommand({ stateMachineArn: MACHINE, name: 'parcel-1', input: '{"parcel":1}' }),
    );
    const s3 = new S3Client({ ...target, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'archive' }));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'archive',
        Key: 'dead-letters/m1.json',
        Body: JSON.stringify({
          reason: 'MAX_RETRIES_EXCEEDED',
          message: {
            MessageId: 'm1',
            Body: '{"order":2}',
            Attributes: { DeadLetterQueueSourceArn: queueArn('orders') },
          },
        }),
      }),
    );
    await engine.advance(3_600_000);
    operations = createOperations({
      target,
      isEngine: true,
      jobs: new MemoryJobStore(),
      time: { now: () => engine.time.now(), wait: (ms) => engine.advance(Math.ceil(ms)) },
      random: seededRandom(1),
      newId: () => crypto.randomUUID(),
    });
  }, 120_000);

  afterAll(() => engine.close());

  it('is in the ledger, with its error, and looking counts no receive', async () => {
    const { bySource, unasked } = await operations.failures.totals({});
    expect(unasked).toEqual([]);
    const sources = bySource.map(({ source, failures }) => `${source.kind} ${source.name}: ${failures}`).sort();
    expect(sources).toEqual([
      'function legacy: 1',
      'function worker: 1',
      'pipe clicks-pipe: 1',
      'queue orders: 2',
      'rule shop: 1',
      'schedule nightly: 2',
      'state machine ship: 1',
      'stream streamer: 1',
      'stream tabler: 1',
      'subscription alerts: 1',
    ]);
    const { failures } = await operations.failures.page({}, 100);
    const errorOf = (kind: string) => failures.find(({ source }) => source.kind === kind)?.error;
    expect(errorOf('function')).toContain('was deployed with a bug');
    expect(errorOf('state machine')).toContain('stepper was deployed with a bug');
    expect(errorOf('queue')).toBe('TypeError: consumer was deployed with a bug');
    expect(errorOf('rule')).toMatch(/\w/);
    const before = await operations.failures.find(failures.find(({ source }) => source.name === 'worker')?.id ?? '');
    expect(before?.fingerprint.because).toContain('it came from worker');
    const { attempts } = (await operations.failures.find(before?.id ?? '')) ?? {};
    expect(attempts).toBe(before?.attempts);
  });

  it('is explained with the log lines that name it', async () => {
    const { failures } = await operations.failures.page({ source: 'function:worker' }, 1);
    const { summary, logs, wayBack, moments } = await operations.failures.why(failures[0]?.id ?? '');
    expect(summary).toContain('TypeError: worker was deployed with a bug');
    expect(logs.map(({ text }) => text.split(' ')[0])).toEqual(['START', 'END', 'REPORT']);
    expect(moments.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['sent', 'started', 'given up', 'gone']));
    expect(wayBack).toMatchObject({ arn: functionArn('worker') });
  });

  it('is explained with the runs that failed with it, where no line names it', async () => {
    const { failures } = await operations.failures.page({ source: 'orders' }, 1);
    const { summary, logs } = await operations.failures.why(failures[0]?.id ?? '');
    expect(summary).toContain('It failed with: TypeError: consumer was deployed with a bug.');
    expect(logs.filter(({ text }) => text.startsWith('START'))).toHaveLength(2);
  });

  it('has a way back', async () => {
    isBroken = false;
    const sqs = new SQSClient(target);
    for (const QueueName of ['audit', 'inbox', 'nightly']) await sqs.send(new CreateQueueCommand({ QueueName }));
    const redriven = async (from: string, to?: string) => {
      const { jobId } = await operations.redrive.start({ from, ...(to === undefined ? {} : { to }) }, 'test');
      const { moved, state, reasons } = await operations.redrive.run(jobId);
      await engine.advance(60_000);
      return { from, moved, state, reasons };
    };
    const moved = (from: string) => ({ from, moved: 1, state: 'completed', reasons: {} });
    expect(await redriven(dlq('schedule'))).toEqual({ ...moved(dlq('schedule')), moved: 2 });
    for (const name of ['function', 'legacy', 'stream', 'table', 'rule', 'subscription', 'queue']) {
      expect(await redriven(dlq(name))).toEqual(moved(dlq(name)));
    }
    expect(await redriven(ARCHIVE)).toEqual(moved(ARCHIVE));
    expect(await redriven(MACHINE)).toEqual(moved(MACHINE));
    // A pipe takes records from its stream alone; what it calls can be given the event.
    expect(await redriven(dlq('pipe'))).toMatchObject({ moved: 0 });
    expect(await redriven(dlq('pipe'), functionArn('piped'))).toEqual(moved(dlq('pipe')));

    expect(seen.get('worker')).toEqual([{ for: 'worker' }]);
    expect(seen.get('legacy')).toEqual([{ for: 'legacy' }]);
    expect(seen.get('streamer')).toMatchObject([
      { Records: [{ eventSource: 'aws:kinesis', kinesis: { partitionKey: 'k' } }] },
    ]);
    expect(seen.get('tabler')).toMatchObject([
      { Records: [{ eventName: 'INSERT', dynamodb: { NewImage: { id: { S: 'one' } } } }] },
    ]);
    expect(seen.get('piped')).toMatchObject([[{ eventSource: 'aws:kinesis', partitionKey: 'k' }]]);
    expect(seen.get('stepper')).toEqual([{ parcel: 1 }]);
    expect(seen.get('consumer')).toMatchObject([
      { Records: [{ body: '{"order":1}' }] },
      { Records: [{ body: '{"order":2}' }] },
    ]);
    const bodyIn = async (name: string) => {
      const QueueUrl = `${engine.endpoint}/${ACCOUNT}/${name}`;
      return (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body ?? '';
    };
    expect(await bodyIn('audit')).toContain('"item":7');
    expect(JSON.parse(await bodyIn('inbox'))).toMatchObject({ Message: 'look' });
    expect(await bodyIn('nightly')).toBe('{"run":"nightly"}');
    const { executions = [] } = await new SFNClient(target).send(
      new ListExecutionsCommand({ stateMachineArn: MACHINE }),
    );
    expect(executions.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
      'parcel-1 FAILED',
      'redrive-parcel-1 SUCCEEDED',
    ]);
    expect(await operations.failures.totals({})).toMatchObject({ failures: 0 });
  });
});
