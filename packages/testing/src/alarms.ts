import type { LocalEngine } from '@holdfast/local';
import { pagesOf } from './metric-pages.ts';

interface History {
  readonly AlarmHistoryItems?: readonly { readonly AlarmName?: string; readonly HistoryData?: string }[];
  readonly NextToken?: string;
}

/** Names of the alarms whose history says that they went to ALARM. */
export const alarmedOf = (local: LocalEngine, region: string | undefined): readonly string[] => {
  const names = new Set<string>();
  const pages = pagesOf<History>(local, region, 'DescribeAlarmHistory', { HistoryItemType: 'StateUpdate' });
  for (const { AlarmHistoryItems = [] } of pages) {
    for (const { AlarmName = '', HistoryData = '{}' } of AlarmHistoryItems) {
      const { newState } = JSON.parse(HistoryData) as { newState?: { stateValue?: string } };
      if (newState?.stateValue === 'ALARM') names.add(AlarmName);
    }
  }
  return [...names].sort();
};

interface Alarms {
  readonly MetricAlarms?: readonly { readonly AlarmName?: string }[];
  readonly CompositeAlarms?: readonly { readonly AlarmName?: string }[];
  readonly NextToken?: string;
}

/** Names of all alarms that there are. */
export const alarmNamesOf = (local: LocalEngine, region: string | undefined): readonly string[] => {
  const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'];
  return [...pagesOf<Alarms>(local, region, 'DescribeAlarms', { AlarmTypes })]
    .flatMap(({ MetricAlarms = [], CompositeAlarms = [] }) => [...MetricAlarms, ...CompositeAlarms])
    .map(({ AlarmName = '' }) => AlarmName);
};
