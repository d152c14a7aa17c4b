/** `npm run bench:main-job [--json]`: measures and prints. */
import { machine } from '../src/machine.ts';
import { resultTable, short } from '../src/numbers.ts';
import { measureMainJob } from './main-job.ts';

const result = await measureMainJob({
  latencyRuns: 100,
  files: 200,
  asyncEvents: 20_000,
  queuedEvents: 100_000,
  bareRequests: 30_000,
  bareRows: 100_000,
});
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(result));
} else {
  const { bareHttp, bareSqlite, queued } = result;
  const ofHttp = (perSecond: number): string =>
    `${short(perSecond)} /s = ${(perSecond / bareHttp.perSecond).toFixed(3)} of bare HTTP`;
  console.log(
    resultTable([
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
