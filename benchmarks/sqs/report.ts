import { short } from '../src/numbers.ts';
import type { Report } from './measure.ts';
import { BARE } from './servers.ts';

const percent = (value: number): string => `${short(value * 100)} %`;

/** Markdown: ratios to the bare server first, in throughput and in CPU time of the server; then the other questions. */
export const reportText = ({ rows, wakeUps, bytesPerMessage }: Report): string => {
  const servers = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].filter((name) => name !== BARE);
  const lines = [
    `| | bare/s | ${servers.join(' | ')} |`,
    `| --- | ---: | ${servers.map(() => '---:').join(' | ')} |`,
    ...rows.map(({ name, cells }) => {
      const bare = cells.get(BARE);
      const ratios = servers.map((server) => {
        const cell = cells.get(server);
        if (cell === undefined) return '–';
        const cpu =
          bare?.cpuMicrosPerRequest === undefined || cell.cpuMicrosPerRequest === undefined
            ? ''
            : ` (CPU ${percent(bare.cpuMicrosPerRequest / cell.cpuMicrosPerRequest)})`;
        return `${percent(cell.ratio)}${cpu}`;
      });
      return `| ${name} | ${short(bare?.perSecond ?? Number.NaN)} | ${ratios.join(' | ')} |`;
    }),
    '',
    '| long-poll wake-up | p50 ms | p99 ms |',
    '| --- | ---: | ---: |',
    ...[...wakeUps].map(([name, { p50, p99 }]) => `| ${name} | ${short(p50)} | ${short(p99)} |`),
    '',
    '| bytes per waiting message | resident | heap |',
    '| --- | ---: | ---: |',
    ...[...bytesPerMessage].map(
      ([name, { resident, heap }]) => `| ${name} | ${short(resident)} | ${heap === undefined ? '–' : short(heap)} |`,
    ),
  ];
  return `${lines.join('\n')}\n`;
};
