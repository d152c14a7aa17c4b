import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type BillLine, billOf, type Usage } from '../cost/bill.ts';
import { measureUsage } from '../cost/measure.ts';
import { isStanding, PRICES_AS_OF, type PriceName } from '../cost/price-table.ts';
import type { Expectation, GameDay, Phase, Play } from './play.ts';
import { readSeries, type Series } from './series.ts';
import type { AlarmChange } from './watch.ts';

/** A saved query of the lab, asked for the time of a game day. */
export interface AskedQuery {
  readonly name: string;
  readonly query: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** All that a report tells; what `--json` prints. */
export interface GameDayReport {
  readonly gameDay: string;
  readonly title: string;
  readonly objective: string;
  readonly run: string;
  readonly began: string;
  readonly ended: string;
  readonly isPassed: boolean;
  readonly phases: readonly Phase[];
  readonly expectations: readonly Expectation[];
  readonly alarms: readonly AlarmChange[];
  readonly queries: readonly AskedQuery[];
  readonly cost: { readonly pricesAsOf: string; readonly dollars: number; readonly lines: readonly BillLine[] };
  readonly wallSeconds: number;
  readonly series: readonly Series[];
}

/** What was used, without what is paid for standing there. */
const usedOnly = (usage: Usage): Usage =>
  Object.fromEntries(Object.entries(usage).filter(([name]) => !isStanding(name as PriceName)));

const askQueries = async (play: Play, from: number, to: number): Promise<readonly AskedQuery[]> => {
  const client = new CloudWatchLogsClient(play.lab.target);
  const prefix = `ingestion-${play.lab.envName}/`;
  const { queryDefinitions = [] } = await client.send(
    new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: prefix }),
  );
  const asked: AskedQuery[] = [];
  for (const { name = '', queryString = '', logGroupNames } of queryDefinitions) {
    const window = { startTime: Math.floor(from / 1_000), endTime: Math.ceil(to / 1_000) };
    const { queryId } = await client.send(new StartQueryCommand({ queryString, logGroupNames, ...window }));
    let answer = await client.send(new GetQueryResultsCommand({ queryId }));
    while (answer.status === 'Running' || answer.status === 'Scheduled') {
      await play.pass(1_000);
      answer = await client.send(new GetQueryResultsCommand({ queryId }));
    }
    const rows = (answer.results ?? []).map((row) =>
      Object.fromEntries(
        row.flatMap(({ field = '', value = '' }) => (field === '@ptr' ? [] : [[field, value] as const])),
      ),
    );
    asked.push({ name: name.slice(prefix.length), query: queryString, rows });
  }
  return asked;
};

/** What CloudWatch knows of a game day that is over. */
export const gatherEvidence = async (
  { name, title, objective }: GameDay,
  play: Play,
  about: { readonly run: string; readonly startedAt: number },
): Promise<GameDayReport> => {
  const from = play.began;
  const to = await play.now();
  const { lines, dollars } = billOf(usedOnly(await measureUsage(play.lab.target, { from, to })), 1);
  return {
    gameDay: name,
    title,
    objective,
    run: about.run,
    began: new Date(from).toISOString(),
    ended: new Date(to).toISOString(),
    isPassed: play.expectations.every(({ isMet }) => isMet),
    phases: play.phases,
    expectations: play.expectations,
    alarms: await play.watch.alarmChanges(from, to),
    queries: await askQueries(play, from, to),
    cost: { pricesAsOf: PRICES_AS_OF, dollars, lines: lines.filter(({ measured }) => measured > 0) },
    wallSeconds: Number(((performance.now() - about.startedAt) / 1_000).toFixed(1)),
    series: await readSeries(play.lab, from, to),
  };
};
