import type { DescribeAlarmsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const MODES = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const START = Date.UTC(2026, 10, 28, 12, 0, 30);
const LETTERS: Readonly<Record<string, string>> = { OK: 'O', ALARM: 'A', INSUFFICIENT_DATA: 'I' };

/**
 * States at the end of each of nine minutes. Of the first minute there is a value within the threshold, of the second
 * and third one that breaches it; the second minute's comes `late` minutes after its end. After that nothing comes.
 */
const course = async (toAlarm: number, periods: number, mode: string, late: number): Promise<string> => {
  const test = new TestEngine({ start: START });
  await test.call('cloudwatch', 'PutMetricAlarm', {
    AlarmName: 'a',
    Namespace: 'Shop',
    MetricName: 'm',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: periods,
    DatapointsToAlarm: toAlarm,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: mode,
  });
  const put = (minute: number, Value: number): Promise<unknown> =>
    test.call('cloudwatch', 'PutMetricData', {
      Namespace: 'Shop',
      MetricData: [{ MetricName: 'm', Value, Timestamp: new Date(START + minute * MINUTE_MS) }],
    });
  let states = '';
  for (let minute = 0; minute < 9; minute++) {
    if (minute === 0) await put(0, 0);
    if (minute === 2) await put(2, 1);
    if (minute === 1 + late) await put(1, 1);
    await test.advance(MINUTE_MS);
    const { MetricAlarms } = await test.call<DescribeAlarmsCommandOutput>('cloudwatch', 'DescribeAlarms', {});
    states += LETTERS[MetricAlarms?.[0]?.StateValue as string];
  }
  return states;
};

describe('alarms whose data comes late', () => {
  it.each<[toAlarm: number, periods: number, late: number, courses: readonly string[]]>([
    // Order of courses: missing, ignore, breaching, notBreaching.
    [1, 1, 0, ['OAAAAIIII', 'OAAAAAAAA', 'OAAAAAAAA', 'OAAAAOOOO']],
    [1, 1, 1, ['OOAAAIIII', 'OOAAAAAAA', 'OOAAAAAAA', 'OOAAAOOOO']],
    [2, 3, 0, ['OOAAAAAII', 'OOAAAAAAA', 'AAAAAAAAA', 'OOAAAAOOO']],
    // In time for the minute that first has two of three.
    [2, 3, 1, ['OOAAAAAII', 'OOAAAAAAA', 'AAAAAAAAA', 'OOAAAAOOO']],
    // Late, and still within the evaluation range of five minutes: to ALARM when it comes.
    [2, 3, 3, ['OOOOAAAII', 'OOOOAAAAA', 'AAAAAAAAA', 'OOOOAAOOO']],
    // Out of the range: as if it had never come.
    [2, 3, 7, ['OOOOOAAII', 'OOOOOOOOO', 'AAAAAAAAA', 'OOOOOOOOO']],
    // Three of three breach only where missing minutes are filled with it, or nothing but breaching data is left.
    [3, 3, 0, ['OOOOOAAII', 'OOOOOOOOO', 'OOOOOAAAA', 'OOOOOOOOO']],
    [3, 3, 3, ['OOOOOAAII', 'OOOOOOOOO', 'OOOOOAAAA', 'OOOOOOOOO']],
  ])('%i of %i, %i minutes late', async (toAlarm, periods, late, courses) => {
    expect(await Promise.all(MODES.map((mode) => course(toAlarm, periods, mode, late)))).toEqual(courses);
  });
});
