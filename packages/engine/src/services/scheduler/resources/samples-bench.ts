import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, Tags, only, att, ref }) => ({
  Timetable: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Tags } },
  Tick: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      GroupName: ref('Timetable'),
      ScheduleExpression: `rate(${turn} hours)`,
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: att('Dead'), RoleArn: att('Role'), Input: `{"turn":${turn}}` },
      ...only(2, 'EndDate', '2030-01-01T00:00:00Z'),
    },
  },
});
