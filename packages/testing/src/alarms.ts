import type { LocalEngine } from '@holdfast/local';

interface History {
  readonly AlarmHistoryItems?: readonly { readonly AlarmName?: string; readonly HistoryData?: string }[];
  readonly NextToken?: string;
}

/** Names of the alarms whose history says that they went to ALARM. */
export const alarmedOf = (local: LocalEngine, region: string | undefined): readonly string[] => {
  const names = new Set<string>();
  let NextToken: string | undefined;
  do {
    const input = { HistoryItemType: 'StateUpdate', ...(NextToken === undefined ? {} : { NextToken }) };
    const page = local.engine.call(
      'cloudwatch',
      'DescribeAlarmHistory',
      input,
      local.context(region === undefined ? {} : { region }),
    ) as History;
    for (const { AlarmName = '', HistoryData = '{}' } of page.AlarmHistoryItems ?? []) {
      const { newState } = JSON.parse(HistoryData) as { newState?: { stateValue?: string } };
      if (newState?.stateValue === 'ALARM') names.add(AlarmName);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return [...names].sort();
};

interface Alarms {
  readonly MetricAlarms?: readonly { readonly AlarmName?: string }[];
  readonly CompositeAlarms?: readonly { readonly AlarmName?: string }[];
  readonly NextToken?: string;
}

/** Names of all alarms that there are. */
export const alarmNamesOf = (local: LocalEngine, region: string | undefined): readonly string[] => {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const input = {
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      ...(NextToken === undefined ? {} : { NextToken }),
    };
    const context = local.context(region === undefined ? {} : { region });
    const page = local.engine.call('cloudwatch', 'DescribeAlarms', input, context) as Alarms;
    const alarms = [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])];
    names.push(...alarms.map(({ AlarmName = '' }) => AlarmName));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return names;
};
