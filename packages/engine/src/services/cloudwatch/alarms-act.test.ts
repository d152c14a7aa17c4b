import type {
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandOutput,
  MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { ReceiveMessageCommandOutput } from '@aws-sdk/client-sqs';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:alerts`;
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:inbox`;
const arnOf = (name: string): string => `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:${name}`;

let store: MapStore;
let test: TestEngine;
beforeEach(() => {
  store = new MapStore();
  test = new TestEngine({ store, start: Date.UTC(2026, 10, 28, 12, 0, 30) });
});

const putAlarm = (change: object = {}) =>
  test.call('cloudwatch', 'PutMetricAlarm', {
    AlarmName: 'a',
    Namespace: 'Shop',
    MetricName: 'm',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    ...change,
  });
const putData = (value: number, change: object = {}) =>
  test.call('cloudwatch', 'PutMetricData', {
    Namespace: 'Shop',
    MetricData: [{ MetricName: 'm', Value: value, ...change }],
  });
const alarm = async (name = 'a'): Promise<MetricAlarm> => {
  const { MetricAlarms, CompositeAlarms } = await test.call<DescribeAlarmsCommandOutput>(
    'cloudwatch',
    'DescribeAlarms',
    { AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
  );
  return { ...MetricAlarms?.[0], ...CompositeAlarms?.[0] } as MetricAlarm;
};
const stateOf = async (name = 'a') => (await alarm(name)).StateValue;

/** Everything that topics, and through them the queue, have got since the last time. */
const received = async (): Promise<{ Subject: string; Message: string }[]> => {
  const QueueUrl = `http://127.0.0.1:4566/${ACCOUNT}/inbox`;
  const input = { QueueUrl, MaxNumberOfMessages: 10 };
  const { Messages = [] } = await test.call<ReceiveMessageCommandOutput>('sqs', 'ReceiveMessage', input);
  for (const { ReceiptHandle } of Messages) await test.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
  return Messages.map(({ Body }) => JSON.parse(Body as string));
};

const makeInbox = async () => {
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: QUEUE }],
  });
  await test.call('sqs', 'CreateQueue', { QueueName: 'inbox', Attributes: { Policy } });
  await test.call('sns', 'CreateTopic', { Name: 'alerts' });
  await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE });
};

describe('alarms in the course of time', () => {
  it('go to ALARM at the end of the minute and back when the data does', async () => {
    await putAlarm();
    await putData(3);
    expect(await stateOf()).toBe('INSUFFICIENT_DATA');

    await test.advance(30 * SECOND_MS);
    const gone = await alarm();
    expect(gone.StateValue).toBe('ALARM');
    expect(gone.StateReason).toBe(
      'Threshold Crossed: 1 datapoint [3.0 (28/11/26 12:00:00)] was greater than the threshold (0.0).',
    );
    expect(JSON.parse(gone.StateReasonData as string)).toEqual({
      version: '1.0',
      queryDate: '2026-11-28T12:01:00.000+0000',
      startDate: '2026-11-28T12:00:00.000+0000',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [3],
      threshold: 0,
      evaluatedDatapoints: [{ timestamp: '2026-11-28T12:00:00.000+0000', sampleCount: 1, value: 3 }],
    });
    const { AlarmHistoryItems } = await test.call<{ AlarmHistoryItems: { HistoryData: string }[] }>(
      'cloudwatch',
      'DescribeAlarmHistory',
      { AlarmName: 'a', HistoryItemType: 'StateUpdate' },
    );
    expect(AlarmHistoryItems[0]?.HistoryData).toContain(`"stateReasonData":${gone.StateReasonData}`);
    expect(gone.StateReasonData).toContain('"threshold":0.0');

    await putData(0);
    await test.advance(MINUTE_MS);
    expect((await alarm()).StateReason).toBe(
      'Threshold Crossed: 1 datapoint [0.0 (28/11/26 12:01:00)] was not greater than the threshold (0.0).',
    );
  });

  it.each<[mode: string | undefined, state: string, reason: string]>([
    [undefined, 'INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation'],
    [
      'breaching',
      'ALARM',
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    ],
    [
      'notBreaching',
      'OK',
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [NonBreaching].',
    ],
    ['ignore', 'INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation'],
  ])('without any data and %s are %s', async (TreatMissingData, state, reason) => {
    await putAlarm({ EvaluationPeriods: 2, TreatMissingData });
    await test.advance(MINUTE_MS);
    expect(await alarm()).toMatchObject({ StateValue: state, StateReason: reason });
  });

  it('fall back to INSUFFICIENT_DATA once the last data point has left the evaluation range', async () => {
    await putAlarm();
    await putData(3);
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('ALARM');
    await test.advance(2 * MINUTE_MS);
    expect(await stateOf()).toBe('ALARM');
    await test.advance(MINUTE_MS);
    expect(await alarm()).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Insufficient Data: 1 datapoint was unknown.',
    });
  });

  it('take late data in as long as it is within the evaluation range', async () => {
    await putAlarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' });
    const first = test.clock.now();
    await putData(3);
    await test.advance(3 * MINUTE_MS);
    expect(await stateOf()).toBe('OK');
    await putData(4, { Timestamp: new Date(first + MINUTE_MS) });
    await test.advance(MINUTE_MS);
    expect(await alarm()).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: 2 out of the last 3 datapoints [4.0 (28/11/26 12:01:00), 3.0 (28/11/26 12:00:00)] were greater than the threshold (0.0) and 1 missing datapoint was treated as [NonBreaching] (minimum 2 datapoints for OK -> ALARM transition).',
    });

    await test.advance(10 * MINUTE_MS);
    expect(await stateOf()).toBe('OK');
    await putData(5, { Timestamp: new Date(first) });
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('OK');
  });

  it('say of a state that only filled periods speak for what they were filled with', async () => {
    await putAlarm({ EvaluationPeriods: 2, TreatMissingData: 'notBreaching' });
    await putData(3);
    await test.advance(MINUTE_MS);
    expect((await alarm()).StateReason).toBe('Threshold Crossed: 1 missing datapoint was treated as [NonBreaching].');
  });

  it('wait for data that is dated ahead', async () => {
    await putAlarm();
    await putData(3, { Timestamp: new Date(test.clock.now() + HOUR_MS) });
    await test.advance(59 * MINUTE_MS);
    expect(await stateOf()).toBe('INSUFFICIENT_DATA');
    await test.advance(2 * MINUTE_MS);
    expect(await stateOf()).toBe('ALARM');
  });

  it('slide their window from minute to minute, whatever the period', async () => {
    await putAlarm({ Period: 300, Threshold: 5 });
    await test.advance(2 * MINUTE_MS);
    await putData(3);
    await test.advance(3 * MINUTE_MS);
    await putData(3);
    await test.advance(30 * SECOND_MS);
    expect(await stateOf()).toBe('ALARM');
  });

  it('look every ten seconds when their period is shorter than a minute', async () => {
    await putAlarm({ Period: 10 });
    await putData(3, { StorageResolution: 1 });
    await test.advance(10 * SECOND_MS);
    expect(await stateOf()).toBe('ALARM');
  });

  it('leave a percentile of few samples alone when they are told to', async () => {
    const percentile = { Statistic: undefined, ExtendedStatistic: 'p95', TreatMissingData: 'notBreaching' };
    await putAlarm({ ...percentile, EvaluateLowSampleCountPercentile: 'ignore' });
    await putAlarm({ ...percentile, AlarmName: 'b' });
    await test.advance(MINUTE_MS);
    await putData(3, { Value: undefined, Values: [3], Counts: [199] });
    await test.advance(MINUTE_MS);
    expect([await stateOf('a'), await stateOf('b')]).toEqual(['OK', 'ALARM']);
    await putData(3, { Value: undefined, Values: [3], Counts: [200] });
    await test.advance(MINUTE_MS);
    expect(await stateOf('a')).toBe('ALARM');
  });

  it('evaluate metric math', async () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Stat: 'Sum', Period: 60 },
      ReturnData: false,
    });
    await putAlarm({
      Metrics: [{ Id: 'e', Expression: 'FILL(m, 0) / n * 100', ReturnData: true }, metric('m', 'm'), metric('n', 'n')],
      ...{ Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined },
      Threshold: 10,
    });
    await putData(2);
    await putData(10, { MetricName: 'n' });
    await test.advance(MINUTE_MS);
    expect(await alarm()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: expect.stringContaining('[20.0 (28/11/26 12:00:00)]'),
    });
    await putData(10, { MetricName: 'n' });
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('OK');
  });

  it('ignore missing data of DynamoDB whatever they say', async () => {
    await putAlarm({ Namespace: 'AWS/DynamoDB', TreatMissingData: 'breaching' });
    await test.advance(5 * MINUTE_MS);
    expect(await stateOf()).toBe('INSUFFICIENT_DATA');
  });

  it('cost nothing while nothing is recorded', async () => {
    for (let index = 0; index < 100; index++) await putAlarm({ AlarmName: `a${index}`, MetricName: `m${index}` });
    await test.advance(2 * MINUTE_MS);
    expect(test.engine.timers.size).toBe(0);
    await putData(1, { MetricName: 'm7' });
    expect(test.engine.timers.size).toBe(1);
    await test.advance(14 * DAY_MS);
    expect(test.engine.timers.size).toBe(0);
  });

  it('are evaluated again after a restart', async () => {
    await putAlarm();
    await putData(3);
    test = new TestEngine({ store: store.copy(), start: test.clock.now() });
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('ALARM');
  });

  it('go back to what the data says after they were set by hand', async () => {
    await putAlarm({ TreatMissingData: 'notBreaching' });
    await test.advance(MINUTE_MS);
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'drill' });
    expect(await stateOf()).toBe('ALARM');
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('OK');
  });
});

describe('actions of alarms', () => {
  it('publish what AWS publishes, once for each change of state', async () => {
    await makeInbox();
    await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'ops@example.com' });
    await putAlarm({
      AlarmDescription: 'too many',
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
      TreatMissingData: 'notBreaching',
      Dimensions: [{ Name: 'Vendor', Value: 'V1' }],
    });
    await putData(3, { Dimensions: [{ Name: 'Vendor', Value: 'V1' }] });
    await test.advance(3 * MINUTE_MS);

    const messages = await received();
    expect(messages.map(({ Subject }) => Subject)).toEqual(['ALARM: "a" in US East (N. Virginia)']);
    const text = messages[0]?.Message as string;
    expect(text).toContain('"Threshold":0.0,');
    expect(JSON.parse(text)).toEqual({
      AlarmName: 'a',
      AlarmDescription: 'too many',
      AWSAccountId: ACCOUNT,
      AlarmConfigurationUpdatedTimestamp: '2026-11-28T12:00:30.000+0000',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed: 1 datapoint [3.0 (28/11/26 12:00:00)] was greater than the threshold (0.0).',
      StateChangeTime: '2026-11-28T12:01:00.000+0000',
      Region: 'US East (N. Virginia)',
      AlarmArn: arnOf('a'),
      OldStateValue: 'INSUFFICIENT_DATA',
      OKActions: [TOPIC],
      AlarmActions: [TOPIC],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'm',
        Namespace: 'Shop',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Unit: null,
        Dimensions: [{ value: 'V1', name: 'Vendor' }],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 0,
        TreatMissingData: 'notBreaching',
        EvaluateLowSampleCountPercentile: '',
      },
      ActionExecutedAfterMuteWindow: false,
    });
    const mail = test.engine.lent('mail').mails().at(-1);
    expect(mail?.subject).toBe('ALARM: "a" in US East (N. Virginia)');
    expect(mail?.body).toContain('has entered the ALARM state, because "Threshold Crossed: 1 datapoint [3.0');
    expect(mail?.body).toContain('- State Change:               INSUFFICIENT_DATA -> ALARM');

    await test.advance(10 * MINUTE_MS);
    expect((await received()).map(({ Subject }) => Subject)).toEqual(['OK: "a" in US East (N. Virginia)']);
  });

  it('invoke functions that let CloudWatch in, and events go to the default bus', async () => {
    const functionArn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`;
    await createFunction(test, 'f');
    await makeInbox();
    await test.call('events', 'PutRule', {
      Name: 'changes',
      EventPattern: JSON.stringify({ source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] }),
    });
    await test.call('events', 'PutTargets', { Rule: 'changes', Targets: [{ Id: '1', Arn: QUEUE }] });
    await putAlarm({ AlarmActions: [functionArn] });
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'drill' });

    const [event] = await received();
    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: [arnOf('a')],
      detail: {
        alarmName: 'a',
        state: { value: 'ALARM', reason: 'drill', timestamp: '2026-11-28T12:00:30.000+0000' },
        previousState: { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation' },
        configuration: {
          metrics: [
            {
              id: expect.stringMatching(/^[0-9a-f-]{36}$/),
              metricStat: { metric: { namespace: 'Shop', name: 'm', dimensions: {} }, period: 60, stat: 'Sum' },
              returnData: true,
            },
          ],
        },
      },
    });
    await test.call('lambda', 'AddPermission', {
      FunctionName: 'f',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
    });
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'a', StateValue: 'OK', StateReason: 'over' });
    await test.call('cloudwatch', 'SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'again' });
    await test.advance(SECOND_MS);
    expect(JSON.parse(test.invocations[0]?.payload as string)).toMatchObject({
      source: 'aws.cloudwatch',
      alarmArn: arnOf('a'),
      accountId: ACCOUNT,
      region: 'us-east-1',
      alarmData: { alarmName: 'a', state: { value: 'ALARM', reason: 'again' }, previousState: { value: 'OK' } },
    });
    const { AlarmHistoryItems = [] } = await test.call<DescribeAlarmHistoryCommandOutput>(
      'cloudwatch',
      'DescribeAlarmHistory',
      { AlarmName: 'a', HistoryItemType: 'Action' },
    );
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      `Successfully executed action ${functionArn}`,
      `Failed to execute action ${functionArn}`,
    ]);
  });

  it('are not taken while they are switched off', async () => {
    await makeInbox();
    await putAlarm({ AlarmActions: [TOPIC] });
    await test.call('cloudwatch', 'DisableAlarmActions', { AlarmNames: ['a'] });
    await putData(3);
    await test.advance(MINUTE_MS);
    expect(await stateOf()).toBe('ALARM');
    expect(await received()).toEqual([]);
  });

  it('of kinds that are not modelled are refused by name', async () => {
    await expect(putAlarm({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] })).rejects.toThrow(
      'Holdfast does not support the alarm action arn:aws:automate:us-east-1:ec2:stop',
    );
  });
});

describe('composite alarms', () => {
  const putComposite = (AlarmRule: string, change: object = {}) =>
    test.call('cloudwatch', 'PutCompositeAlarm', { AlarmName: 'c', AlarmRule, ...change });
  const set = (AlarmName: string, StateValue: string) =>
    test.call('cloudwatch', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'drill' });

  beforeEach(async () => {
    for (const AlarmName of ['a', 'b', 's']) await putAlarm({ AlarmName, TreatMissingData: 'ignore' });
    await makeInbox();
  });

  it('follow the states of the alarms in their rule at once', async () => {
    await putComposite(`ALARM("${arnOf('a')}") OR (ALARM(b) AND NOT OK("a"))`, {
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
      AlarmDescription: 'either',
    });
    expect(await alarm('c')).toMatchObject({
      StateValue: 'OK',
      StateReason: `${arnOf('c')} was created and its alarm rule evaluates to OK`,
    });
    await received();

    await set('a', 'ALARM');
    const gone = await alarm('c');
    expect(gone.StateReason).toBe(`${arnOf('a')} transitioned to ALARM at Saturday 28 November, 2026 12:00:30 UTC`);
    expect(JSON.parse(gone.StateReasonData as string)).toEqual({
      triggeringAlarms: [{ arn: arnOf('a'), state: { value: 'ALARM', timestamp: '2026-11-28T12:00:30.000+0000' } }],
    });
    const [message] = await received();
    expect(JSON.parse(message?.Message as string)).toMatchObject({
      AlarmName: 'c',
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      AlarmRule: expect.any(String),
      TriggeringChildren: [{ Arn: arnOf('a'), State: { Value: 'ALARM' } }],
    });

    await set('b', 'ALARM');
    expect(await received()).toEqual([]);
    await set('a', 'OK');
    expect(await stateOf('c')).toBe('OK');
  });

  it('keep their actions back while the suppressor is in ALARM', async () => {
    const suppressed = {
      ActionsSuppressor: 's',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 120,
    };
    await putComposite('ALARM(a)', { ...suppressed, AlarmActions: [TOPIC], OKActions: [TOPIC] });
    await received();

    await set('s', 'ALARM');
    await set('a', 'ALARM');
    expect(await alarm('c')).toMatchObject({
      StateValue: 'ALARM',
      ActionsSuppressedBy: 'Alarm',
      ActionsSuppressedReason: 'Actions suppressed by Alarm',
    });
    await set('s', 'OK');
    expect(await alarm('c')).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' });
    await test.advance(119 * SECOND_MS);
    expect(await received()).toEqual([]);
    await test.advance(SECOND_MS);
    expect((await received()).map(({ Subject }) => Subject)).toEqual(['ALARM: "c" in US East (N. Virginia)']);
  });

  it('wait for the suppressor, over a restart too, and say nothing of what passed meanwhile', async () => {
    const suppressed = {
      ActionsSuppressor: 's',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 120,
    };
    await putComposite('ALARM(a)', { ...suppressed, AlarmActions: [TOPIC], OKActions: [TOPIC] });
    await received();

    await set('a', 'ALARM');
    expect(await alarm('c')).toMatchObject({ ActionsSuppressedBy: 'WaitPeriod' });
    await test.advance(30 * SECOND_MS);
    await set('a', 'OK');
    await test.advance(5 * MINUTE_MS);
    expect(await received()).toEqual([]);

    await set('a', 'ALARM');
    test = new TestEngine({ store: store.copy(), start: test.clock.now() });
    await test.advance(MINUTE_MS);
    expect((await received()).map(({ Subject }) => Subject)).toEqual(['ALARM: "c" in US East (N. Virginia)']);
  });

  it('are listed apart, and as parents and children', async () => {
    await putComposite('ALARM(a) AND ALARM(b)');
    const list = async (input: object) => {
      const { MetricAlarms = [], CompositeAlarms = [] } = await test.call<DescribeAlarmsCommandOutput>(
        'cloudwatch',
        'DescribeAlarms',
        input,
      );
      return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
    };
    expect(await list({})).toEqual(['a', 'b', 's']);
    expect(await list({ AlarmTypes: ['CompositeAlarm'] })).toEqual(['c']);
    expect(await list({ ChildrenOfAlarmName: 'c' })).toEqual(['a', 'b']);
    expect(await list({ ParentsOfAlarmName: 'a' })).toEqual(['c']);
  });

  it('that go round in a circle come to rest', async () => {
    await putComposite('ALARM(a)', { AlarmName: 'd' });
    await putComposite('ALARM(d)');
    await putComposite('ALARM(a) OR ALARM(c)', { AlarmName: 'd' });
    await set('a', 'ALARM');
    expect([await stateOf('c'), await stateOf('d')]).toEqual(['ALARM', 'ALARM']);
  });

  it.each<[rule: string, message: string]>([
    ['ALARM(nobody)', 'Could not save the composite alarm as alarms [nobody] in the alarm rule do not exist'],
    ['ALARM(a', 'AlarmRule is invalid: expected ) at the end'],
    ['ALARM(a) ALARM(b)', 'AlarmRule is invalid: unexpected ALARM'],
    ['BROKEN(a)', 'AlarmRule is invalid: expected ALARM, OK'],
    ['AT_LEAST(1, ALARM, (a))', 'Holdfast does not support AT_LEAST'],
  ])('refuse the rule %s', async (rule, message) => {
    await expect(putComposite(rule)).rejects.toThrow(message);
  });

  it('hold on to the alarms that they need', async () => {
    await putComposite('ALARM(a)');
    await expect(test.call('cloudwatch', 'DeleteAlarms', { AlarmNames: ['a'] })).rejects.toThrow(
      'Cannot delete a as there are composite alarm(s) depending on it.',
    );
    await test.call('cloudwatch', 'DeleteAlarms', { AlarmNames: ['a', 'c'] });
  });
});
