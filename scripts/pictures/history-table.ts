import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** Name of the state, or what was asked for, where an event says. */
const aboutOf = (event: HistoryEvent): string => {
  const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
  const { taskScheduledEventDetails: scheduled, taskFailedEventDetails: failed } = event;
  if (entered !== undefined) return `\`${entered.name}\``;
  if (exited !== undefined) return `\`${exited.name}\``;
  if (scheduled !== undefined) return `${scheduled.resourceType}:${scheduled.resource}`;
  return failed === undefined ? '' : `${failed.error}`;
};

/** The events of an execution as a Markdown table; times count from its start. */
export const historyTable = (events: readonly HistoryEvent[]): string => {
  const begin = Number(events[0]?.timestamp ?? 0);
  const rows = events.map((event) => {
    const seconds = (Number(event.timestamp) - begin) / 1_000;
    return `| ${event.id} | ${seconds.toLocaleString('en')} s | ${event.type} | ${aboutOf(event)} |`;
  });
  return ['| | After | Event | |', '|---:|---:|---|---|', ...rows].join('\n');
};
