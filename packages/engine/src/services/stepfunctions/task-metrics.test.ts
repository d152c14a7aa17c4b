import { describe, expect, it } from 'vitest';
import { ROLE, StatesBench } from './state-machine-bench.ts';

const one = (state: object) => ({ StartAt: 'A', States: { A: { ...state, End: true } } });

/** Sums of metrics that tasks of one resource have left. */
const metricsOf = async (bench: StatesBench, dimension: string, arn: string): Promise<Record<string, number>> => {
  const Dimensions = [{ Name: dimension, Value: arn }];
  const { Metrics } = await bench.call<{ Metrics: { MetricName: string }[] }>('cloudwatch', 'ListMetrics', {
    Namespace: 'AWS/States',
    Dimensions,
  });
  const now = bench.engine.clock.now();
  const sums = Metrics.map(async ({ MetricName }) => {
    const { Datapoints } = await bench.call<{ Datapoints: { Sum: number }[] }>('cloudwatch', 'GetMetricStatistics', {
      Namespace: 'AWS/States',
      MetricName,
      Dimensions,
      StartTime: new Date(now - 86_400_000),
      EndTime: new Date(now + 60_000),
      Period: 86_400,
      Statistics: ['Sum'],
    });
    return [MetricName, Datapoints.reduce((sum, { Sum }) => sum + Sum, 0)] as const;
  });
  return Object.fromEntries(await Promise.all(sums));
};

describe('metrics of activities', () => {
  const prepare = async (more: object = {}) => {
    const bench = new StatesBench();
    const { activityArn } = await bench.call<{ activityArn: string }>('states', 'CreateActivity', { name: 'work' });
    const arn = await bench.begin(await bench.create(one({ Type: 'Task', Resource: activityArn, ...more })));
    const poll = () => bench.call<{ taskToken: string }>('states', 'GetActivityTask', { activityArn });
    return { bench, activityArn, arn, poll, metrics: () => metricsOf(bench, 'ActivityArn', activityArn) };
  };

  it('say how long one waited for a worker, how long it ran, and both together', async () => {
    const { bench, poll, metrics } = await prepare();
    await bench.advance(3_000);
    const { taskToken } = await poll();
    await bench.advance(4_000);
    await bench.call('states', 'SendTaskSuccess', { taskToken, output: '1' });

    expect(await metrics()).toEqual({
      ActivitiesScheduled: 1,
      ActivitiesStarted: 1,
      ActivitiesSucceeded: 1,
      ActivityScheduleTime: 3_000,
      ActivityRunTime: 4_000,
      ActivityTime: 7_000,
    });
  });

  it.each([
    ['that no worker takes in time', { TimeoutSeconds: 5 }, 'ActivitiesTimedOut'],
    ['whose worker is silent', { TimeoutSeconds: 60, HeartbeatSeconds: 5 }, 'ActivitiesHeartbeatTimedOut'],
  ])('tell of one %s', async (_what, limits, metric) => {
    const { bench, metrics } = await prepare(limits);
    await bench.advance(5_000);

    expect(await metrics()).toEqual({ ActivitiesScheduled: 1, [metric]: 1, ActivityTime: 5_000 });
  });

  it('tell of one that fails', async () => {
    const { bench, poll, metrics } = await prepare();
    const { taskToken } = await poll();
    await bench.call('states', 'SendTaskFailure', { taskToken });

    expect(await metrics()).toMatchObject({ ActivitiesFailed: 1 });
  });
});

describe('metrics of other tasks', () => {
  it('are kept of functions, each attempt once', async () => {
    const bench = new StatesBench();
    const Resource = await bench.addFunction('worker');
    let runs = 0;
    bench.functions.set('worker', () => {
      runs += 1;
      return runs === 1 ? { error: { errorType: 'Boom', errorMessage: 'no' } } : { result: 1 };
    });
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }];
    await bench.run(one({ Type: 'Task', Resource, Retry }), {}, 10_000);

    expect(await metricsOf(bench, 'LambdaFunctionArn', Resource)).toMatchObject({
      LambdaFunctionsScheduled: 2,
      LambdaFunctionsStarted: 2,
      LambdaFunctionsFailed: 1,
      LambdaFunctionsSucceeded: 1,
    });
  });

  it('are kept of integrations, by the resource that the state names', async () => {
    const bench = new StatesBench();
    const { QueueUrl } = await bench.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'q' });
    const Resource = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';
    const Parameters = { QueueUrl, 'MessageBody.$': '$$.Task.Token' };
    await bench.run(one({ Type: 'Task', Resource, Parameters, HeartbeatSeconds: 9 }), {}, 9_000);

    expect(await metricsOf(bench, 'ServiceIntegrationResourceArn', Resource)).toEqual({
      ServiceIntegrationsScheduled: 1,
      ServiceIntegrationsStarted: 1,
      ServiceIntegrationsTimedOut: 1,
      ServiceIntegrationScheduleTime: 0,
      ServiceIntegrationRunTime: 9_000,
      ServiceIntegrationTime: 9_000,
    });
  });

  it('are kept of no test of a state', async () => {
    const bench = new StatesBench();
    const Resource = await bench.addFunction('worker');
    bench.functions.set('worker', () => ({ result: 1 }));
    const tested = bench.call('states', 'TestState', {
      definition: JSON.stringify({ Type: 'Task', Resource, End: true }),
      roleArn: ROLE,
    });
    await bench.advance(1_000);
    await tested;

    expect(await metricsOf(bench, 'LambdaFunctionArn', Resource)).toEqual({});
  });
});
