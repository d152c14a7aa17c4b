import { short } from '../src/numbers.ts';
import type { FootprintResult } from './footprint.ts';
import type { Stock } from './stock.ts';

const count = (value: number): string => value.toLocaleString('en-US');
const stockName = ({ messages, bodyBytes }: Stock): string => `${count(messages)} × ${count(bodyBytes)} bytes`;
const bytes = (value: number | undefined): string => (value === undefined ? '–' : short(value));
const megabytes = (value: number | undefined): string => (value === undefined ? '–' : `${short(value / 2 ** 20)} MB`);

/** Three Markdown tables. */
export const footprintText = ({ stocks, restarts, idle }: FootprintResult): string =>
  [
    '| bytes per waiting message | stored | resident | heap | disk |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...stocks].flatMap(([server, costs]) =>
      costs.map(
        ({ stock, stored, resident, heap, disk }) =>
          `| ${server}, ${stockName(stock)} | ${count(stored)} | ${bytes(resident)} | ${bytes(heap)} | ${bytes(disk)} |`,
      ),
    ),
    '',
    '| restart after a kill, durable | until healthy | until the first receive | resident |',
    '| --- | ---: | ---: | ---: |',
    ...restarts.map(
      ({ stock, restart }) =>
        `| ${stockName(stock)} | ${short(restart.untilHealthyMs)} ms | ${short(restart.untilFirstReceiveMs)} ms | ${megabytes(restart.residentBytes)} |`,
    ),
    '',
    '| idle | CPU per second | resident |',
    '| --- | ---: | ---: |',
    ...[...idle].flatMap(([server, states]) =>
      states.map(
        ({ name, cpuMsPerSecond, residentBytes }) =>
          `| ${server}: ${name} | ${short(cpuMsPerSecond)} ms | ${megabytes(residentBytes)} |`,
      ),
    ),
    '',
  ].join('\n');
