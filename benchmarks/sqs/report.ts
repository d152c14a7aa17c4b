import { short } from '../src/numbers.ts';
import { BARE, OURS } from '../src/servers.ts';
import type { Report } from './measure.ts';
import type { Cell, Row } from './row.ts';

const percent = (value: number): string => `${short(value * 100)} %`;

const isOurs = (server: string): boolean => server.startsWith(OURS);

/** How many times slower than Holdfast in memory, as rivals keep nothing either. */
const timesSlower = (cell: Cell, ours: Cell | string | undefined): string => {
  if (ours === undefined || typeof ours === 'string') return '';
  const times = ours.ratio / cell.ratio;
  if (cell.isBound) return `; > ${short(times)} × slower`;
  return times >= 1 ? `; ${short(times)} × slower` : `; ${short(1 / times)} × faster`;
};

const cellText = (server: string, cell: Cell | string | undefined, row: Row): string => {
  if (cell === undefined) return '–';
  if (typeof cell === 'string') return 'failed';
  const bare = row.cells.get(BARE);
  const cpu =
    typeof bare !== 'object' || bare.cpuMicrosPerRequest === undefined || cell.cpuMicrosPerRequest === undefined
      ? ''
      : ` (CPU ${percent(bare.cpuMicrosPerRequest / cell.cpuMicrosPerRequest)})`;
  const compared = isOurs(server) ? '' : timesSlower(cell, row.cells.get(`${OURS}, memory`));
  const waiting = cell.waiting === undefined ? '' : `; ${cell.waiting.toLocaleString('en-US')} waiting`;
  const range = cell.ratios === undefined ? '' : `, ${cell.ratios.map((ratio) => short(ratio * 100)).join('–')}`;
  return `${cell.isBound ? '< ' : ''}${percent(cell.ratio)}${range}${cpu}${compared}${waiting}`;
};

const failuresIn = ({ rows, wakeUps, failures }: Report): readonly string[] => [
  ...failures.map((failure) => `- ${failure}`),
  ...rows.flatMap(({ name, cells }) =>
    [...cells].flatMap(([server, cell]) => (typeof cell === 'string' ? [`- ${server}, ${name}: ${cell}`] : [])),
  ),
  ...[...wakeUps].flatMap(([server, found]) => (typeof found === 'string' ? [`- ${server}, wake-up: ${found}`] : [])),
];

/** Markdown: requests relative to the bare server first, in throughput and in CPU time of the server; then the wake-ups. */
export const reportText = (report: Report): string => {
  const { rows, wakeUps, left } = report;
  const servers = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].filter((name) => name !== BARE);
  const lines = [
    `| | bare/s | ${servers.join(' | ')} |`,
    `| --- | ---: | ${servers.map(() => '---:').join(' | ')} |`,
    ...rows.map((row) => {
      const bare = row.cells.get(BARE);
      const cells = servers.map((server) => cellText(server, row.cells.get(server), row));
      return `| ${row.name} | ${typeof bare === 'object' ? short(bare.perSecond) : '–'} | ${cells.join(' | ')} |`;
    }),
    '',
    '| long-poll wake-up | p50 ms | p99 ms | samples |',
    '| --- | ---: | ---: | ---: |',
    ...[...wakeUps].map(([server, found]) =>
      typeof found === 'string'
        ? `| ${server} | – | – | – |`
        : `| ${server} | ${short(found.p50)} | ${short(found.p99)} | ${found.samples.toLocaleString('en-US')} |`,
    ),
    ...(left.length === 0 ? [] : ['', `No time was left for: ${left.join('; ')}.`]),
  ];
  const failures = failuresIn(report);
  if (failures.length > 0) lines.push('', 'Failed:', '', ...failures);
  return `${lines.join('\n')}\n`;
};
