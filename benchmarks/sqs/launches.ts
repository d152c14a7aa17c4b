import { median } from '../src/numbers.ts';
import type { Report } from './measure.ts';
import type { Cell, Row } from './row.ts';

const cellOf = (cells: readonly Cell[]): Cell => {
  const ratios = cells.map(({ ratio }) => ratio);
  const cpu = cells.flatMap(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest ?? []);
  return {
    perSecond: median(cells.map(({ perSecond }) => perSecond)),
    isBound: cells.every(({ isBound }) => isBound),
    cpuMicrosPerRequest: cpu.length === 0 ? undefined : median(cpu),
    ratio: median(ratios),
    ratios: [Math.min(...ratios), Math.max(...ratios)],
    waiting: cells.at(-1)?.waiting,
  };
};

const rowOf = (rows: readonly [Row, ...Row[]]): Row => ({
  ...rows[0],
  cells: new Map(
    [...rows[0].cells.keys()].map((server) => {
      const cells = rows.map((row) => row.cells.get(server) ?? 'took no part in every launch');
      return [server, cells.find((cell) => typeof cell === 'string') ?? cellOf(cells as readonly Cell[])];
    }),
  ),
});

/** One report out of those of several launches: medians of the launches; the wake-ups are of the first. */
export const acrossLaunches = (reports: readonly [Report, ...Report[]]): Report => {
  const [first] = reports;
  if (reports.length === 1) return first;
  const rowsNamed = (name: string): readonly Row[] =>
    reports.flatMap(({ rows }) => rows.filter((row) => row.name === name));
  return {
    rows: first.rows.map((row) => rowOf(rowsNamed(row.name) as readonly [Row, ...Row[]])),
    wakeUps: first.wakeUps,
    left: [...new Set(reports.flatMap(({ left }) => left))],
    failures: reports.flatMap(({ failures }) => failures),
  };
};
