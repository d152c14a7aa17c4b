/** `npm run bench:sqs [-- part of a row's name ...]`; see README.md. */
import { machine } from '../src/machine.ts';
import { serverKinds } from '../src/servers.ts';
import { Load } from './load.ts';
import { acrossLaunches } from './launches.ts';
import { measure, type Plan, type Report } from './measure.ts';
import { reportText } from './report.ts';

const launches = Number(process.env['HOLDFAST_BENCH_LAUNCHES'] ?? 1);
const plan: Plan = {
  rounds: launches === 1 ? 5 : 2,
  stretchMs: 300,
  graceMs: 5_000,
  rowMs: 4_000,
  fillMs: 45_000,
  connections: [1, 16, 64],
  backlogs: [1_000, 10_000, 100_000, 1_000_000],
  wakeUps: 1_000,
  wakeUpMs: 12_000,
  warmUp: 1,
  totalMs: 20 * 60_000,
};

const wanted = process.argv.slice(2);
const begin = performance.now();
const load = new Load();
try {
  const reports: Report[] = [];
  while (reports.length < launches) {
    const report = await measure(serverKinds(), load, plan, {
      tell: (text) => console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s  ${text}`),
      isWanted: (row) => wanted.length === 0 || wanted.some((part) => row.includes(part)),
    });
    reports.push(report);
  }
  console.log(`${machine()}\n\n${reportText(acrossLaunches(reports as [Report, ...Report[]]))}`);
} finally {
  load.stop();
}
