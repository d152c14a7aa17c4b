import { seconds } from './compare.ts';
import type { BatchSizeResult } from './batch-size-result.ts';
import type { WayResult } from './run-way.ts';
import type { WorkloadOptions } from './workload.ts';

/** What the pages of `docs/patterns` tell figures of: the defaults of the command. */
export const DOCUMENTED_WORKLOAD: WorkloadOptions = {
  events: 300,
  burstMs: 120_000,
  failureRate: 0.1,
  poisonShare: 0.02,
  outageMs: 30_000,
  seed: 1,
};

/** The run of the document, with sizes of batches that fail as a whole. */
export const DOCUMENTED_BURST = { messages: 89, bad: 4, seed: 1, batchSizes: [1, 2, 5, 10], seeds: 5 } as const;

const markdownTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Rows of some patterns, or of all. */
const waysTable = (results: readonly WayResult[], names: readonly string[]): string =>
  markdownTable(
    [
      'Pattern',
      'Lost',
      'Doubled',
      'Kept',
      'of them good',
      'Attempts per event',
      'p50 to recover',
      'p99',
      'max',
      'US$ per million events',
    ],
    results
      .filter(({ name }) => names.includes('all') || names.includes(name))
      .map((result) => [
        `\`${result.name}\``,
        result.lost,
        result.doubled,
        result.kept,
        result.goodKept,
        result.attemptsPerEvent.toFixed(2),
        seconds(result.recovery.p50),
        seconds(result.recovery.p99),
        seconds(result.recovery.max),
        ((result.cost / DOCUMENTED_WORKLOAD.events) * 1e6).toFixed(2),
      ]),
  );

const batchSizesTable = (sizes: readonly BatchSizeResult[]): string =>
  markdownTable(
    ['Messages per batch', 'Good ones in the dead-letter queue, mean', 'least', 'most'],
    sizes.map(({ size, goodInDlq, min, max }) => [size, goodInDlq.toFixed(1), min, max]),
  );

/**
 * A page with its figures written anew, between `<!-- measured: … -->` and `<!-- /measured -->`: names of patterns, `all`, or
 * `batch-sizes`. What was not measured stays.
 */
export const withMeasured = (
  page: string,
  measured: { readonly ways?: readonly WayResult[]; readonly batchSizes?: readonly BatchSizeResult[] },
): string =>
  page.replace(/(<!-- measured: ([^>]+) -->\n)[\s\S]*?(\n<!-- \/measured -->)/g, (whole, before, what, after) => {
    const { ways, batchSizes } = measured;
    if (what === 'batch-sizes')
      return batchSizes === undefined ? whole : `${before}${batchSizesTable(batchSizes)}${after}`;
    return ways === undefined ? whole : `${before}${waysTable(ways, what.split(' '))}${after}`;
  });
