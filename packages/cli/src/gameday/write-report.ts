import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { escaped, htmlPage, htmlTable } from '../report-page.ts';
import { chartOf } from './chart.ts';
import type { AskedQuery, GameDayReport } from './evidence.ts';

/** A report names the first rows; the file with everything has all. */
const ROWS_MAX = 8;

type Cells = readonly (string | number)[];

/** What is told, once, whatever it is written in. */
interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly query?: string;
  readonly head: Cells;
  readonly rows: readonly Cells[];
  readonly after?: string;
}

const clock = (iso: string): string => iso.slice(11, 19);

const querySection = ({ name, query, rows }: AskedQuery): Section => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    title: `Saved query ${name}`,
    lines: rows.length === 0 ? ['No rows.'] : [],
    query,
    head: columns,
    rows: rows.slice(0, ROWS_MAX).map((row) => columns.map((column) => row[column] ?? '')),
    ...(rows.length > ROWS_MAX ? { after: `… and ${rows.length - ROWS_MAX} more rows.` } : {}),
  };
};

const sectionsOf = (report: GameDayReport): readonly Section[] => [
  {
    title: 'What was done',
    lines: [],
    head: ['', 'From', 'To', 'Phase', 'Done'],
    rows: report.phases.map(({ name, began, ended, done }, index) => [
      index + 1,
      clock(began),
      clock(ended),
      name,
      done.join('; '),
    ]),
  },
  {
    title: 'What had to be seen',
    lines: [],
    head: ['', 'Phase', 'Expected', 'Seen'],
    rows: report.expectations.map(({ phase, text, seen, isMet }) => [isMet ? 'ok' : 'MISSED', phase, text, seen]),
  },
  {
    title: 'Alarms',
    lines: [],
    head: ['At', 'Alarm', 'State'],
    // Before the first minute no alarm knows anything.
    rows: report.alarms
      .filter(({ from }) => from !== 'INSUFFICIENT_DATA')
      .map(({ at, alarm, from, to }) => [clock(at), alarm, `${from} → ${to}`]),
  },
  ...report.queries.map(querySection),
  {
    title: 'What it would have cost on AWS',
    lines: [],
    head: ['Service', 'Unit', 'Measured', 'US dollars'],
    rows: [
      ...report.cost.lines.map(
        ({ service, unit, measured, dollars }): Cells => [
          service,
          unit,
          Number(measured.toPrecision(4)),
          dollars.toFixed(6),
        ],
      ),
      ['total', '', '', report.cost.dollars.toFixed(6)],
    ],
    after: `List prices of ${report.cost.pricesAsOf}, without free tiers, and without what is paid for alarms and dashboards that stand there.`,
  },
];

const summaryOf = ({ objective, isPassed, expectations, began, ended, run }: GameDayReport): string => {
  const met = expectations.filter(({ isMet }) => isMet).length;
  return `${objective}. ${isPassed ? 'Passed' : 'Not passed'}: ${met} of ${expectations.length} expectations seen, from ${began} to ${ended}; its events are ${run}-….`;
};

const STYLE = 'pre{background:#f2f3f3;padding:.6rem}td{vertical-align:top}td:first-child{white-space:nowrap}';

const htmlOf = (report: GameDayReport, chart: string): string =>
  htmlPage(
    `Game day: ${report.title}`,
    STYLE,
    [
      `<p>${escaped(summaryOf(report))}</p>`,
      chart,
      ...sectionsOf(report).map(({ title, lines, query, head, rows, after }) =>
        [
          `<h2>${escaped(title)}</h2>`,
          ...(query === undefined ? [] : [`<pre>${escaped(query)}</pre>`]),
          ...lines.map((line) => `<p>${escaped(line)}</p>`),
          ...(rows.length === 0 ? [] : [htmlTable(head, rows)]),
          ...(after === undefined ? [] : [`<p>${escaped(after)}</p>`]),
        ].join('\n'),
      ),
    ].join('\n'),
  );

const markdownTable = (head: Cells, rows: readonly Cells[]): string => {
  const line = (cells: Cells): string => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
};

const markdownOf = (report: GameDayReport): string =>
  `${[
    `# Game day: ${report.title}`,
    summaryOf(report),
    '![Alarms and metrics over the game day](chart.svg)',
    ...sectionsOf(report).flatMap(({ title, lines, query, head, rows, after }) => [
      `## ${title}`,
      ...(query === undefined ? [] : [`\`\`\`text\n${query}\n\`\`\``]),
      ...lines,
      ...(rows.length === 0 ? [] : [markdownTable(head, rows)]),
      ...(after === undefined ? [] : [after]),
    ]),
  ].join('\n\n')}\n`;

/** Writes `report.html`, `report.md` with `chart.svg`, and `report.json` with everything. @returns the page */
export const writeReport = (report: GameDayReport, directory: string): string => {
  mkdirSync(directory, { recursive: true });
  const chart = chartOf(report);
  const write = (name: string, content: string): string => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  };
  write('chart.svg', chart);
  write('report.md', markdownOf(report));
  write('report.json', JSON.stringify(report, null, 2));
  return write('report.html', htmlOf(report, chart));
};
