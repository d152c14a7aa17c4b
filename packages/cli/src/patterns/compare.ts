import { writeFileSync } from 'node:fs';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { note, print, printJson, table } from '../output.ts';
import { escaped, htmlPage, htmlTable } from '../report-page.ts';
import { PRICES } from './prices.ts';
import { runWay, type WayResult } from './run-way.ts';
import { WAYS } from './ways.ts';
import type { WorkloadOptions } from './workload.ts';

export interface CompareOptions {
  readonly workload: WorkloadOptions;
  /** File for the report, one HTML page. */
  readonly report?: string | undefined;
  /** File for the chart, SVG. */
  readonly chart?: string | undefined;
  readonly json?: true | undefined;
}

const HEAD = [
  'PATTERN',
  'LOST',
  'DOUBLED',
  'KEPT',
  'GOOD KEPT',
  'ATTEMPTS/EVENT',
  'INVOCATIONS',
  'P50',
  'P99',
  'MAX',
  'COST',
];

/** As tables show a time. */
export const seconds = (value: number): string => (value >= 100 ? `${Math.round(value)} s` : `${value.toFixed(1)} s`);
const dollars = (value: number): string => `$${value.toFixed(5)}`;

const rowOf = (result: WayResult): readonly (string | number)[] => [
  result.name,
  result.lost,
  result.doubled,
  result.kept,
  result.goodKept,
  result.attemptsPerEvent.toFixed(2),
  result.invocations,
  seconds(result.recovery.p50),
  seconds(result.recovery.p99),
  seconds(result.recovery.max),
  dollars(result.cost),
];

const describe = ({ events, burstMs, failureRate, poisonShare, outageMs, seed }: WorkloadOptions): string =>
  `${events} events in ${burstMs / 1_000} s, ${failureRate * 100} % of attempts fail, ${poisonShare * 100} % of events always, an outage of ${outageMs / 1_000} s; seed ${seed}`;

const NUMBERS_TO_THE_RIGHT = 'td,th{text-align:right}td:first-child,th:first-child{text-align:left}';

const pageOf = (workload: WorkloadOptions, results: readonly WayResult[], chart: string): string =>
  htmlPage(
    'Retry patterns compared',
    NUMBERS_TO_THE_RIGHT,
    `<p>${escaped(describe(workload))}. The real settings of the stacks, in virtual time.</p>
${htmlTable(HEAD, results.map(rowOf))}
${chart}
<p>Lost: neither processed nor kept. Doubled: the effect happened more than once. Kept: in a dead-letter queue or failure
destination; good ones among them could have been processed. P50 to max: from the first failure of an event to its success.
Cost in US dollars, us-east-1, prices of ${PRICES.asOf}, functions of 256 MB that run 100 ms.</p>`,
  );

/** Runs one workload through every pattern, one after the other. */
export const measurePatterns = async (workload: WorkloadOptions): Promise<readonly WayResult[]> => {
  const results: WayResult[] = [];
  for (const way of WAYS) {
    const result = await runWay(way, workload);
    note(`${way.name}: ${result.lost} lost, ${result.doubled} doubled, ${result.kept} kept`);
    results.push(result);
  }
  return results;
};

/** Runs one workload through every pattern and shows how each did. */
export const comparePatterns = async (options: CompareOptions): Promise<ExitCode> => {
  const startedAt = performance.now();
  note(describe(options.workload));
  const results = await measurePatterns(options.workload);
  const wallSeconds = Number(((performance.now() - startedAt) / 1_000).toFixed(1));
  if (options.chart !== undefined || options.report !== undefined) {
    // Large, and wanted seldom.
    const { chartOf } = await import('./chart.ts');
    const chart = chartOf(results);
    if (options.chart !== undefined) writeFileSync(options.chart, chart);
    if (options.report !== undefined) writeFileSync(options.report, pageOf(options.workload, results, chart));
  }
  if (options.json === true) printJson({ patterns: results, wallSeconds });
  else {
    print(table(HEAD, results.map(rowOf)));
    note(`${wallSeconds} s; --report <file> writes a page with a chart, --json gives the figures`);
  }
  return results.some(({ lost }) => lost > 0) ? EXIT.findings : EXIT.ok;
};
