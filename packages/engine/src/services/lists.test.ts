import { expect, it } from 'vitest';
import { TestEngine } from '../test-engine.ts';
import { createFunction } from './lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`;

it('subscriptions are listed by topic, and those of others are not among them', async () => {
  const test = new TestEngine();
  const topics = ['orders', 'returns'].map((name) => `arn:aws:sns:us-east-1:${ACCOUNT}:${name}`);
  for (const TopicArn of topics) {
    await test.call('sns', 'CreateTopic', { Name: TopicArn.split(':').at(-1) });
    await test.call('sns', 'Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'shop@example.com' });
  }
  const [TopicArn] = topics;
  const { Subscriptions } = await test.call<{ Subscriptions: object[] }>('sns', 'ListSubscriptionsByTopic', {
    TopicArn,
  });
  expect(Subscriptions).toMatchObject([{ TopicArn, Protocol: 'email' }]);
  expect(Subscriptions).toHaveLength(1);
});

it('groups of schedules are listed by prefix, the default one among all', async () => {
  const test = new TestEngine();
  for (const Name of ['nightly', 'night-shift', 'weekly'])
    await test.call('scheduler', 'CreateScheduleGroup', { Name });
  const names = async (input: object) =>
    (
      await test.call<{ ScheduleGroups: { Name: string }[] }>('scheduler', 'ListScheduleGroups', input)
    ).ScheduleGroups.map(({ Name }) => Name);
  expect(await names({})).toEqual(['default', 'night-shift', 'nightly', 'weekly']);
  expect(await names({ NamePrefix: 'night', MaxResults: 1 })).toEqual(['night-shift']);
});

it('pipes are listed by what they read, where they lead and what they are to be', async () => {
  const test = new TestEngine();
  for (const QueueName of ['in', 'out']) await test.call('sqs', 'CreateQueue', { QueueName });
  const pipe = { RoleArn: ROLE, Source: `arn:aws:sqs:us-east-1:${ACCOUNT}:in` };
  const Target = `arn:aws:sqs:us-east-1:${ACCOUNT}:out`;
  await test.call('pipes', 'CreatePipe', { Name: 'first', ...pipe, Target });
  await test.call('pipes', 'CreatePipe', { Name: 'second', ...pipe, Target, DesiredState: 'STOPPED' });
  await test.advance(1_000);
  const names = async (input: object) =>
    (await test.call<{ Pipes: { Name: string }[] }>('pipes', 'ListPipes', input)).Pipes.map(({ Name }) => Name);
  expect(await names({})).toEqual(['first', 'second']);
  expect(await names({ DesiredState: 'RUNNING', SourcePrefix: pipe.Source })).toEqual(['first']);
  expect(await names({ CurrentState: 'STOPPED', TargetPrefix: Target })).toEqual(['second']);
  expect(await names({ NamePrefix: 'third' })).toEqual([]);
});

it('what a function does with loops is answered as it was put', async () => {
  const test = new TestEngine();
  await createFunction(test, 'fn');
  const config = () => test.call('lambda', 'GetFunctionRecursionConfig', { FunctionName: 'fn' });
  expect(await config()).toEqual({ RecursiveLoop: 'Terminate' });
  await test.call('lambda', 'PutFunctionRecursionConfig', { FunctionName: 'fn', RecursiveLoop: 'Allow' });
  expect(await config()).toEqual({ RecursiveLoop: 'Allow' });
});

it('a sampling rule is deleted, but the default one', async () => {
  const test = new TestEngine();
  const xray = (action: string, input: object = {}) => test.call('xray', action, input);
  const SamplingRule = {
    RuleName: 'orders',
    Priority: 1,
    FixedRate: 1,
    ReservoirSize: 0,
    ServiceName: '*',
    ServiceType: '*',
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    ResourceARN: '*',
    Version: 1,
  };
  await xray('CreateSamplingRule', { SamplingRule });
  await xray('DeleteSamplingRule', { RuleName: 'orders' });
  expect(await xray('GetSamplingRules')).toMatchObject({
    SamplingRuleRecords: [{ SamplingRule: { RuleName: 'Default' } }],
  });
  await expect(xray('DeleteSamplingRule', { RuleName: 'Default' })).rejects.toMatchObject({
    code: 'InvalidRequestException',
  });
  expect(await xray('PutTelemetryRecords', { TelemetryRecords: [{ Timestamp: new Date(0) }] })).toEqual({});
});

it('the graph of one trace has the services that took part in it', async () => {
  const test = new TestEngine();
  const second = Math.floor(test.clock.now() / 1_000);
  const trace_id = `1-${second.toString(16)}-aaaaaaaaaaaaaaaaaaaaaaaa`;
  const document = { trace_id, id: 'bbbbbbbbbbbbbbbb', name: 'shop', start_time: second, end_time: second + 1 };
  await test.call('xray', 'PutTraceSegments', { TraceSegmentDocuments: [JSON.stringify(document)] });
  expect(await test.call('xray', 'GetTraceGraph', { TraceIds: [trace_id] })).toMatchObject({
    Services: [{ Name: 'shop' }, { Name: 'client', Type: 'client' }],
  });
});
