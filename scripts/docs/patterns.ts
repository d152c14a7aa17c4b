import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { batchSizeChart, chartOf } from '../../packages/cli/src/patterns/chart.ts';
import { measurePatterns } from '../../packages/cli/src/patterns/compare.ts';
import { measureBatchSizes } from '../../packages/cli/src/patterns/dlq-replay.ts';
import { DOCUMENTED_BURST, DOCUMENTED_WORKLOAD, withMeasured } from '../../packages/cli/src/patterns/measured.ts';

/*
 * Measures the patterns in virtual time and writes figures and charts into docs/patterns. A test compares: a figure that is
 * older than the code fails it.
 */

const ways = await measurePatterns(DOCUMENTED_WORKLOAD);
const batchSizes = await measureBatchSizes(DOCUMENTED_BURST);
const { messages, bad } = DOCUMENTED_BURST;
writeFileSync('docs/pictures/patterns.svg', chartOf(ways));
writeFileSync('docs/pictures/batch-sizes.svg', batchSizeChart(batchSizes, messages, bad));
for (const name of readdirSync('docs/patterns')) {
  const path = `docs/patterns/${name}`;
  writeFileSync(path, withMeasured(readFileSync(path, 'utf8'), { ways, batchSizes }));
}
