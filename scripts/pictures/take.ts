/**
 * `npm run pictures`: runs a black-friday by workflow and one by schedule in virtual time, watches alarms and mail, and writes
 * what is to be seen into docs/black-friday.md, with pictures of the dashboards. Needs a build and Chromium (`CHROMIUM_PATH`).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { type HistoryEvent, SFN } from '@aws-sdk/client-sfn';
import { clientOf, type Drill, drill, FILES, ROOT, VENDOR } from './drill.ts';
import { historyTable } from './history-table.ts';
import { photographDashboard } from './photograph.ts';

const PICTURES = join(ROOT, 'docs', 'pictures');
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:csv-parser-retry';
/** The longest period of a widget. */
const PERIOD_MS = 300_000;

/** The pipeline's own dashboard, a point a minute, and the alarms with their metrics. */
const putDashboards = async (cloudwatch: CloudWatch, { began, ended }: Drill): Promise<void> => {
  const { DashboardEntries: [own] = [] } = await cloudwatch.listDashboards({});
  const { DashboardBody = '{}' } = await cloudwatch.getDashboard({ DashboardName: own?.DashboardName });
  const { MetricAlarms: alarms = [] } = await cloudwatch.describeAlarms({});
  const start = new Date(Math.floor(Date.parse(began) / PERIOD_MS) * PERIOD_MS - PERIOD_MS).toISOString();
  const put = (DashboardName: string, widgets: readonly object[]) =>
    cloudwatch.putDashboard({ DashboardName, DashboardBody: JSON.stringify({ start, end: ended, widgets }) });
  const { widgets } = JSON.parse(DashboardBody) as { widgets: { properties: object }[] };
  await put(
    'run',
    widgets.map((widget) => ({ ...widget, properties: { ...widget.properties, period: 60 } })),
  );
  await put('alarms', [
    {
      type: 'alarm',
      width: 24,
      height: 4,
      properties: { title: 'When all was over', alarms: alarms.map(({ AlarmArn }) => AlarmArn) },
    },
    ...alarms.map(({ AlarmArn, AlarmName }, index) => ({
      type: 'metric',
      x: index * 8,
      y: 4,
      width: 8,
      height: 6,
      properties: { title: AlarmName, region: 'us-east-1', annotations: { alarms: [AlarmArn] } },
    })),
  ]);
};

const photograph = (endpoint: string, dashboard: string, file: string): Promise<void> =>
  photographDashboard(endpoint, dashboard, join(PICTURES, file));

const at = (instant: number): string => new Date(instant).toISOString().slice(11, 16);

const alarmTables = ({ changes, mails }: Drill): string =>
  [
    '| At | Alarm | State |',
    '|---|---|---|',
    ...changes.map(({ at: instant, alarm, summary }) => `| ${at(instant)} | ${alarm} | ${summary} |`),
    '',
    '| At | Mail |',
    '|---|---|',
    ...mails.map(({ at: instant, subject }) => `| ${at(instant)} | ${subject} |`),
  ].join('\n');

const text = (workflow: Drill, schedule: Drill, executions: number, events: readonly HistoryEvent[]): string =>
  `# A black Friday, by workflow and by schedule

<!-- Written by \`npm run pictures\`. -->

\`holdfast up --recovery workflow\`, then \`holdfast black-friday --virtual --recovery workflow --fail-vendor ${VENDOR} --files ${FILES}\`: a thousand
files within ten seconds against fifty slots, and one vendor whose files always fail. What fails goes through the dead-letter queue into a
workflow that waits, invokes, and waits longer, five times; then it alerts and archives. In virtual time hours of retries take seconds.

\`\`\`text
${workflow.printed}
\`\`\`

The same files with \`--recovery schedule\`, which looks at the dead-letter queue every few minutes:

\`\`\`text
${schedule.printed}
\`\`\`

## The dashboard of the run by workflow

The pipeline's own three widgets. The dead-letter queue stays empty: a pipe hands each message to its workflow at once.

![Throttles and retries, concurrency, and the depth of the dead-letter queue](pictures/black-friday-run.png)

## The alarms

By workflow two of the three go off and come back; the third watches the depth of the dead-letter queue. Mail is captured, never sent
(\`GET /_holdfast/mail\`). An alarm over five minutes is looked at every minute, so a burst at the edge of two windows may set it off more than once.

![The three alarms, and their metrics with thresholds](pictures/black-friday-alarms.png)

${alarmTables(workflow)}

By schedule dead letters wait, and the third alarm goes off and comes back too:

![The three alarms by schedule, and their metrics with thresholds](pictures/black-friday-alarms-by-schedule.png)

${alarmTables(schedule)}

## One execution

Of ${executions}, one for each dead letter, that of a file which always fails:

${historyTable(events)}
`;

mkdirSync(PICTURES, { recursive: true });
await drill('workflow', async (workflow) => {
  const { endpoint } = workflow;
  const sfn = new SFN(clientOf(endpoint));
  const { executions = [] } = await sfn.listExecutions({ stateMachineArn: MACHINE, maxResults: 1_000 });
  // What is given up has the longest history.
  const histories = await Promise.all(
    executions.map(async ({ executionArn }) => {
      const { events = [] } = await sfn.getExecutionHistory({ executionArn, maxResults: 1_000 });
      return events;
    }),
  );
  const longest = histories.reduce((a, b) => (b.length > a.length ? b : a), []);
  await putDashboards(new CloudWatch(clientOf(endpoint)), workflow);
  await photograph(endpoint, 'run', 'black-friday-run.png');
  await photograph(endpoint, 'alarms', 'black-friday-alarms.png');
  await drill('schedule', async (schedule) => {
    await putDashboards(new CloudWatch(clientOf(schedule.endpoint)), schedule);
    await photograph(schedule.endpoint, 'alarms', 'black-friday-alarms-by-schedule.png');
    writeFileSync(join(ROOT, 'docs', 'black-friday.md'), text(workflow, schedule, executions.length, longest));
  });
});
