/** `npm run bench:main-job [--json]`: measures and prints. With `--targets` only what people wait for, and with
 * `--files=<count>` that for fewer files. */
import { availableParallelism } from 'node:os';
import { machine } from '../src/machine.ts';
import { resultTable, short } from '../src/numbers.ts';
import { inTemporaryDirectory, measureMainJob } from './main-job.ts';
import { measureTargets } from './targets.ts';

const files = Number(process.argv.find((part) => part.startsWith('--files='))?.split('=')[1] ?? 1_000);
const targets = await inTemporaryDirectory((directory) =>
  measureTargets({ files, liveFiles: Math.min(files, 200), coldStarts: 8, noOps: 10_000 }, directory),
);
const { warm, virtual, coldStartCpuMs, noOpMs, live, start } = targets;
const warmFileMs = (warm.cpuSeconds * 1_000) / files;
/** Targets in milliseconds were set where a warm file takes 5.3 ms of CPU. */
const here = (ms: number): string =>
  `${short((ms / 5.3) * warmFileMs)} here, where a warm file takes ${short(warmFileMs)} of CPU`;
const rows: [string, string][] = [
  [
    `warm handlers, ${files} files`,
    `${short(warm.seconds)} s; CPU ${short(warm.cpuSeconds)} s, of the engine ${short(warm.engineCpuSeconds)} s`,
  ],
  [
    `virtual time, ${files} files`,
    `${short(virtual.seconds)} s = ${(virtual.seconds / warm.seconds).toFixed(1)} × warm (target 3), ` +
      `CPU ${short(virtual.cpuSeconds)} s = ${(virtual.cpuSeconds / (warm.cpuSeconds + warm.engineCpuSeconds)).toFixed(1)} × warm; at most ${short(virtual.peakBytes / 2 ** 20)} MB (target 1,024)`,
  ],
  [
    `live time, ${live.files} files`,
    `${short(live.filesPerSecond)} files/s (target 60); CPU ${short(live.cpuMsPerFile)} ms a file, ${short(live.mainThreadMsPerFile)} ms of it the engine's; ` +
      `these processors have room for ${short((availableParallelism() * 1_000) / live.cpuMsPerFile)} a second`,
  ],
  ['cold start of csv-parser', `${short(coldStartCpuMs)} ms of CPU (target 60; ${here(60)})`],
  ['warm no-op invoke, one caller, in memory', `p50 ${short(noOpMs)} ms (target 0.15; ${here(0.15)})`],
  [
    'start',
    `first line ${short(start.firstLineMs)} ms (target 1,000), ready ${short(start.readyMs)} ms (target 3,000)`,
  ],
];
if (process.argv.includes('--targets')) {
  console.log(process.argv.includes('--json') ? JSON.stringify(targets) : resultTable(rows));
  if (!process.argv.includes('--json')) console.log(machine());
  process.exit();
}
const result = await measureMainJob({
  latencyRuns: 100,
  files: 200,
  asyncEvents: 20_000,
  queuedEvents: 100_000,
  bareRequests: 30_000,
  bareRows: 100_000,
});
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ ...result, targets }));
} else {
  const { bareHttp, bareSqlite, queued } = result;
  const ofHttp = (perSecond: number): string =>
    `${short(perSecond)} /s = ${(perSecond / bareHttp.perSecond).toFixed(3)} of bare HTTP`;
  console.log(
    resultTable([
      ...rows,
      ['bare node:http', `${short(bareHttp.perSecond)} requests/s`],
      ['bare SQLite', `${short(bareSqlite.rowsPerSecond)} rows/s, ${short(bareSqlite.bytesPerRow)} bytes/row`],
      ['first file, cold', `${short(result.firstFileMs)} ms`],
      [
        'PutObject → products, one at a time',
        `p50 ${short(result.latencyMs.p50)} ms, p99 ${short(result.latencyMs.p99)} ms`,
      ],
      ['files end to end', ofHttp(result.filesPerSecond)],
      ['CPU per file', `${short(result.cpuMsPerFile)} ms, ${short(result.mainThreadMsPerFile)} ms of it the engine's`],
      ['async events accepted', ofHttp(result.asyncAcceptedPerSecond)],
      ['async events run', `${ofHttp(result.asyncRunPerSecond)}; ${short(result.cpuMsPerAsyncEvent)} ms CPU each`],
      ...(['memory', 'durable'] as const).map((mode): [string, string] => {
        const { acceptedPerSecond, heapBytesPerEvent, rssBytesPerEvent, diskBytesPerEvent } = queued[mode];
        return [
          `100,000 queued events, ${mode}`,
          `${ofHttp(acceptedPerSecond)}; per event ${short(heapBytesPerEvent)} B heap, ${short(rssBytesPerEvent)} B RSS` +
            (mode === 'durable'
              ? `, ${short(diskBytesPerEvent)} B disk = ${(diskBytesPerEvent / bareSqlite.bytesPerRow).toFixed(2)} of bare SQLite`
              : ''),
        ];
      }),
    ]),
  );
  console.log(machine());
}
