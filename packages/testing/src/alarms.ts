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
