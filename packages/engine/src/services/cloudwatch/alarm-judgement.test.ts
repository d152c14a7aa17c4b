import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlarmPoint, judge, type MissingData } from './alarm-judgement.ts';

/** `0 - X`: within the threshold, missing, breaching; the newest stands right, as in AWS's tables. */
const rangeOf = (text: string): AlarmPoint[] =>
  text
    .split(' ')
    .map((mark, index): AlarmPoint => ({ at: index, value: mark === '-' ? undefined : mark === 'X' ? 1 : 0 }))
    .reverse();

const verdict = (points: string, datapointsToAlarm: number, missingData: MissingData, evaluationPeriods = 3): string =>
  judge(rangeOf(points), {
    evaluationPeriods,
    datapointsToAlarm,
    missingData,
    isBreaching: (value) => value > 0,
  }).state ?? 'kept';

const MODES = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

describe('alarms and missing data, as in the tables of the CloudWatch user guide', () => {
  it.each<[points: string, datapointsToAlarm: number, filled: number, verdicts: readonly string[]]>([
    ['0 - X - X', 3, 0, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', 3, 2, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, 2, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, 3, ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
    ['0 X X - X', 3, 0, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, 2, ['ALARM', 'kept', 'ALARM', 'OK']],
    ['0 - X - X', 2, 0, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, 0, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, 1, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, 2, ['ALARM', 'kept', 'ALARM', 'OK']],
  ])('%s with %i to alarm fills %i', (points, datapointsToAlarm, filled, verdicts) => {
    expect(MODES.map((mode) => verdict(points, datapointsToAlarm, mode))).toEqual(verdicts);
    if (filled === 0) return;
    const { filled: periods } = judge(rangeOf(points), {
      evaluationPeriods: 3,
      datapointsToAlarm,
      missingData: 'breaching',
      isBreaching: (value) => value > 0,
    });
    expect(points.includes('0 - X') ? 1 : periods.length).toBe(filled);
  });

  it.each<[points: string, datapointsToAlarm: number, expected: string]>([
    ['- - - - X', 3, 'kept'],
    ['- - - X -', 3, 'kept'],
    ['- - X - -', 3, 'ALARM'],
    ['- - X X -', 3, 'ALARM'],
    ['- - X 0 -', 3, 'OK'],
  ])('do not go to ALARM too early: %s with %i to alarm is %s', (points, datapointsToAlarm, expected) => {
    expect(verdict(points, datapointsToAlarm, 'missing')).toBe(expected);
  });

  it('with N real data points the setting for missing data is irrelevant, whatever the data', () => {
    const mark = fc.constantFrom('0', 'X', '-');
    const bounds = fc.integer({ min: 1, max: 6 }).chain((periods) =>
      fc.record({
        periods: fc.constant(periods),
        toAlarm: fc.integer({ min: 1, max: periods }),
        marks: fc.array(mark, { minLength: periods + 2, maxLength: periods + 2 }),
      }),
    );
    fc.assert(
      fc.property(bounds, ({ periods, toAlarm, marks }) => {
        const verdicts = new Set(MODES.map((mode) => verdict(marks.join(' '), toAlarm, mode, periods)));
        const real = marks.filter((of) => of !== '-');
        if (real.length >= periods) {
          const breaching = real.slice(-periods).filter((of) => of === 'X').length;
          expect([...verdicts]).toEqual([breaching >= toAlarm ? 'ALARM' : 'OK']);
        }
        // What is missing never turns data within the threshold into a want of data.
        if (real.length > 0) expect(verdicts).not.toContain('INSUFFICIENT_DATA');
      }),
      { numRuns: 200 },
    );
  });

  it('a period with too few samples for its percentile keeps the state', () => {
    const points = rangeOf('X X X').map((point) => ({ ...point, isThin: true }));
    const terms = { evaluationPeriods: 3, datapointsToAlarm: 1, missingData: 'missing' as const };
    expect(judge(points, { ...terms, isBreaching: () => true }).state).toBeUndefined();
  });
});
