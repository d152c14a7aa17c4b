import type {
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandOutput,
  PutDashboardCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServiceError } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

let store: MapStore;
let test: TestEngine;
beforeEach(() => {
  store = new MapStore();
  test = new TestEngine({ store });
});

const ALARM = {
  AlarmName: 'dlq',
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: 'dlq' }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
};

const put = (change: object = {}) => test.call('cloudwatch', 'PutMetricAlarm', { ...ALARM, ...change });
const describeAll = (input: object = {}) =>
  test.call<DescribeAlarmsCommandOutput>('cloudwatch', 'DescribeAlarms', input);
const names = async (input: object) => (await describeAll(input)).MetricAlarms?.map(({ AlarmName }) => AlarmName);

describe('alarms', () => {
  it('begin without enough data and show all that was given', async () => {
    const action = 'arn:aws:sns:us-east-1:000000000000:t';
    await put({
      AlarmActions: [action],
      TreatMissingData: 'notBreaching',
      DatapointsToAlarm: 1,
      AlarmDescription: 'd',
    });

    const { MetricAlarms } = await describeAll();
    expect(MetricAlarms).toEqual([
      {
        ...ALARM,
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:dlq',
        AlarmDescription: 'd',
        AlarmConfigurationUpdatedTimestamp: new Date(test.clock.now()),
        ActionsEnabled: true,
        OKActions: [],
        AlarmActions: [action],
        InsufficientDataActions: [],
        StateValue: 'INSUFFICIENT_DATA',
        StateReason: 'Unchecked: Initial alarm creation',
        StateUpdatedTimestamp: new Date(test.clock.now()),
        StateTransitionedTimestamp: new Date(test.clock.now()),
        DatapointsToAlarm: 1,
        TreatMissingData: 'notBreaching',
      },
    ]);
  });

  it('are found by name, prefix, state, action and metric', async () => {
    await put({ AlarmName: 'a1', OKActions: ['arn:aws:sns:us-east-1:1:t'] });
    await put({ AlarmName: 'a2' });
    await put({ AlarmName: 'b1', MetricName: 'Other' });
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'b1', StateValue: 'ALARM', StateReason: 'test' });

    expect(await names({ AlarmNames: ['a2', 'none'] })).toEqual(['a2']);
    expect(await names({ AlarmNamePrefix: 'a' })).toEqual(['a1', 'a2']);
    expect(await names({ StateValue: 'ALARM' })).toEqual(['b1']);
    expect(await names({ ActionPrefix: 'arn:aws:sns' })).toEqual(['a1']);
    expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
    const first = await describeAll({ MaxRecords: 2 });
    expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(['b1']);
    const { Namespace, MetricName, Dimensions } = ALARM;
    const byMetric = await test.call<DescribeAlarmsCommandOutput>('cloudwatch', 'DescribeAlarmsForMetric', {
      Namespace,
      MetricName,
      Dimensions,
    });
    expect(byMetric.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['a1', 'a2']);
  });

  it('keep their state when they are configured anew, and all of it over a restart', async () => {
    await put();
    const reason = { StateReason: 'by hand', StateReasonData: '{"a":1}' };
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'dlq', StateValue: 'ALARM', ...reason });
    await put({ Threshold: 5 });

    test = new TestEngine({ store });
    const { MetricAlarms } = await describeAll();
    expect(MetricAlarms?.[0]).toMatchObject({ Threshold: 5, StateValue: 'ALARM', ...reason });
  });

  it('write down their history', async () => {
    await put({ TreatMissingData: 'ignore' });
    await test.advance(MINUTE_MS);
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'dlq', StateValue: 'OK', StateReason: 'fine' });
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'dlq', StateValue: 'OK', StateReason: 'still fine' });
    await test.advance(MINUTE_MS);
    await test.call('cloudwatch', 'DeleteAlarms', { AlarmNames: ['dlq'] });

    test = new TestEngine({ store });
    const { AlarmHistoryItems: items } = await test.call<DescribeAlarmHistoryCommandOutput>(
      'cloudwatch',
      'DescribeAlarmHistory',
      { AlarmName: 'dlq', ScanBy: 'TimestampAscending' },
    );
    expect(items?.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary])).toEqual([
      ['ConfigurationUpdate', 'Alarm "dlq" created'],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to OK'],
      ['ConfigurationUpdate', 'Alarm "dlq" deleted'],
    ]);
    expect(JSON.parse(items?.[1]?.HistoryData as string)).toEqual({
      version: '1.0',
      oldState: { stateValue: 'INSUFFICIENT_DATA', stateReason: 'Unchecked: Initial alarm creation' },
      newState: { stateValue: 'OK', stateReason: 'fine' },
    });
  });

  it('have their actions switched off and on, and carry tags', async () => {
    await put({ Tags: [{ Key: 'team', Value: 'a' }] });
    const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:dlq';
    await test.call('cloudwatch', 'DisableAlarmActions', { AlarmNames: ['dlq'] });
    const off = (await describeAll()).MetricAlarms?.[0]?.ActionsEnabled;
    await test.call('cloudwatch', 'EnableAlarmActions', { AlarmNames: ['dlq'] });
    await test.call('cloudwatch', 'TagResource', { ResourceARN, Tags: [{ Key: 'stage', Value: 'dev' }] });
    await test.call('cloudwatch', 'UntagResource', { ResourceARN, TagKeys: ['team'] });

    expect(off).toBe(false);
    expect((await describeAll()).MetricAlarms?.[0]?.ActionsEnabled).toBe(true);
    expect(await test.call('cloudwatch', 'ListTagsForResource', { ResourceARN })).toEqual({
      Tags: [{ Key: 'stage', Value: 'dev' }],
    });
    await test.call('cloudwatch', 'DeleteAlarms', { AlarmNames: ['dlq'] });
    expect(await test.call('cloudwatch', 'ListTagsForResource', { ResourceARN })).toEqual({ Tags: [] });
    await expect(test.call('cloudwatch', 'TagResource', { ResourceARN, Tags: [] })).rejects.toThrow('Unknown resource');
  });

  it('may watch metric math', async () => {
    const { MetricName, Namespace, Dimensions, Statistic, Period, ...rest } = ALARM;
    const Metrics = [
      { Id: 'e', Expression: 'a * 2', ReturnData: true },
      {
        Id: 'a',
        MetricStat: { Metric: { MetricName, Namespace, Dimensions }, Stat: Statistic, Period },
        ReturnData: false,
      },
    ];
    await test.call('cloudwatch', 'PutMetricAlarm', { ...rest, Metrics });

    expect((await describeAll()).MetricAlarms?.[0]?.Metrics).toEqual(Metrics);
  });

  it.each<[object, string]>([
    [{ AlarmName: undefined }, "Value null at 'alarmName' failed to satisfy constraint: Member must not be null"],
    [{ ComparisonOperator: 'Equals' }, "Value 'Equals' at 'comparisonOperator'"],
    [
      { ComparisonOperator: 'GreaterThanUpperThreshold' },
      'Holdfast does not support alarms with GreaterThanUpperThreshold',
    ],
    [{ Threshold: undefined }, 'The parameter Threshold is required.'],
    [{ DatapointsToAlarm: 2 }, 'DatapointsToAlarm must be less than or equal to EvaluationPeriods'],
    [{ EvaluationPeriods: 1_441 }, 'Metrics cannot be checked across more than a day'],
    [{ Period: 3_600, EvaluationPeriods: 169 }, 'Metrics cannot be checked across more than seven days'],
    [{ Period: 45 }, 'Period must be 10, 20, 30 or a multiple of 60.'],
    [{ TreatMissingData: 'perhaps' }, "Value 'perhaps' at 'treatMissingData'"],
    [{ ExtendedStatistic: 'p99' }, 'Exactly one of the parameters Statistic and ExtendedStatistic'],
    [{ AlarmActions: ['nonsense'] }, 'Invalid arn syntax: nonsense'],
    [
      { AlarmActions: ['arn:aws:sns:eu-west-1:000000000000:ops'] },
      'Invalid region eu-west-1 specified. Only us-east-1 is supported.',
    ],
    [{ ThresholdMetricId: 'ad1' }, 'PutMetricAlarm with ThresholdMetricId'],
  ])('refuse %j', async (change, message) => {
    await expect(put(change)).rejects.toThrow(message);
    expect((await describeAll()).MetricAlarms).toEqual([]);
  });

  it('word errors of their state as CloudWatch does', async () => {
    await put();
    const set = (input: object) =>
      test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'dlq', StateReason: 'r', StateValue: 'OK', ...input });

    await expect(set({ StateValue: 'INVALID' })).rejects.toThrow(
      "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]",
    );
    await expect(set({ AlarmName: 'no' })).rejects.toMatchObject({ code: 'ResourceNotFound', status: 404 });
    await expect(set({ AlarmName: 'none' })).rejects.toMatchObject({ code: 'ResourceNotFound', message: '' });
    await expect(set({ StateReasonData: '{' })).rejects.toMatchObject({ code: 'InvalidFormatFault' });
    await expect(test.call('cloudwatch', 'DeleteAlarms', { AlarmNames: ['dlq', 'no'] })).rejects.toThrow('no');
    expect(await names({})).toEqual(['dlq']);
  });
});

describe('dashboards', () => {
  const widget = (change: object = {}, properties: object = {}) => ({
    type: 'metric',
    x: 0,
    y: 0,
    width: 12,
    height: 6,
    properties: {
      region: 'us-east-1',
      metrics: [
        ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'q', { stat: 'Maximum' }],
        ['...', 'q2'],
        ['.', 'NumberOfMessagesSent', '.', '.'],
        [{ expression: 'm1+m2', id: 'e1' }],
      ],
      ...properties,
    },
    ...change,
  });
  const putBody = (body: unknown, DashboardName = 'main') =>
    test.call<PutDashboardCommandOutput>('cloudwatch', 'PutDashboard', {
      DashboardName,
      DashboardBody: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('are kept as they were given, over a restart', async () => {
    const body = { start: '-PT6H', widgets: [widget(), { type: 'text', properties: { markdown: '# Hi' } }] };
    expect(await putBody(body)).toEqual({ DashboardValidationMessages: [] });
    await putBody({ widgets: [] }, 'other');

    test = new TestEngine({ store });
    expect(await test.call('cloudwatch', 'GetDashboard', { DashboardName: 'main' })).toEqual({
      DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/main',
      DashboardBody: JSON.stringify(body),
      DashboardName: 'main',
    });
    expect(await test.call('cloudwatch', 'ListDashboards', { DashboardNamePrefix: 'm' })).toMatchObject({
      DashboardEntries: [{ DashboardName: 'main', Size: JSON.stringify(body).length }],
    });
    await test.call('cloudwatch', 'DeleteDashboards', { DashboardNames: ['main'] });
    await expect(test.call('cloudwatch', 'GetDashboard', { DashboardName: 'main' })).rejects.toThrow(
      'Dashboard main does not exist',
    );
  });

  it('are stored with a warning for a property that nobody knows', async () => {
    expect(await putBody({ widgets: [], colour: 'red' })).toEqual({
      DashboardValidationMessages: [{ DataPath: '/colour', Message: 'Unknown property' }],
    });
  });

  it.each<[unknown, string]>([
    ['{', '/'],
    ['[]', '/'],
    [{}, '/'],
    [{ widgets: [{}] }, '/widgets/0'],
    [{ widgets: [widget({ type: 'picture' })] }, '/widgets/0/type'],
    [{ widgets: [widget({ x: 24 })] }, '/widgets/0/x'],
    [{ widgets: [widget({ width: 0 })] }, '/widgets/0/width'],
    [{ widgets: [widget({}, { region: undefined })] }, '/widgets/0/properties'],
    [{ widgets: [widget({}, { metrics: [['AWS/SQS']] })] }, '/widgets/0/properties/metrics/0'],
    [{ widgets: [widget({}, { metrics: [['AWS/SQS', 'm', 'QueueName']] })] }, '/widgets/0/properties/metrics/0'],
    [{ widgets: [widget({}, { view: 'film' })] }, '/widgets/0/properties/view'],
    [{ widgets: [{ type: 'text', properties: {} }] }, '/widgets/0/properties'],
  ])('%j is refused with the path of the fault', async (body, path) => {
    const error = await putBody(body).then(
      () => undefined,
      (reason: ServiceError) => reason,
    );
    expect(error?.code).toBe('DashboardInvalidInputError');
    expect(error?.members?.['dashboardValidationMessages']).toContainEqual({
      DataPath: path,
      Message: expect.any(String),
    });
  });

  it('have names of plain characters', async () => {
    await expect(putBody({ widgets: [] }, 'a b')).rejects.toThrow(
      'The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n',
    );
  });
});
