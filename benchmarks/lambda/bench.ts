/** `npm run bench:lambda [-- --json]`: measures and prints. */
import { machine } from '../src/machine.ts';
import { resultTable, short } from '../src/numbers.ts';
import { besideKinds, besideText, measureBeside } from './beside.ts';
import { measureLambda } from './lambda.ts';

const result = await measureLambda({
  syncInvokes: 10_000,
  asyncEvents: 20_000,
  messages: 10_000,
  records: 40_000,
  coldStarts: 15,
  environments: 50,
  bareRequests: 30_000,
});
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(result));
} else {
  const { bareHttp, gateway, syncOneByOne, syncTogether, fromQueue } = result;
  const ofHttp = (perSecond: number): string =>
    `${short(perSecond)} /s = ${(perSecond / bareHttp.perSecond).toFixed(3)} of bare HTTP`;
  const queueRow = ({ perSecond, cpuMsPerMessage }: { perSecond: number; cpuMsPerMessage: number }): string =>
    `${ofHttp(perSecond)}; ${short(cpuMsPerMessage)} ms CPU each`;
  console.log(
    resultTable([
      ['bare node:http', `${short(bareHttp.perSecond)} requests/s`],
      ['gateway alone, one at a time', `p50 ${short(gateway.p50)} ms, p99 ${short(gateway.p99)} ms`],
      ['warm synchronous no-op, one at a time', `p50 ${short(syncOneByOne.p50)} ms, p99 ${short(syncOneByOne.p99)} ms`],
      ['price of running the function (p50)', `${short(syncOneByOne.p50 - gateway.p50)} ms`],
      ['synchronous, 16 callers', `${ofHttp(syncTogether.perSecond)}; ${short(result.cpuMsPerSync)} ms CPU each`],
      ['asynchronous events accepted', ofHttp(result.asyncAcceptedPerSecond)],
      ['asynchronous events run', `${ofHttp(result.asyncRunPerSecond)}; ${short(result.cpuMsPerAsync)} ms CPU each`],
      ['SQS → Lambda, batches of 1', queueRow(fromQueue.batch1)],
      ['SQS → Lambda, batches of 10', queueRow(fromQueue.batch10)],
      [
        'Kinesis → Lambda, 4 shards, batches of 100',
        `${short(result.fromStream.perSecond)} records/s; ${short(result.fromStream.cpuMsPerRecord)} ms CPU each`,
      ],
      ['cold start without imports (median)', `${short(result.coldStartMs)} ms`],
      ['memory per idle environment', `${short(result.rssBytesPerEnvironment / 2 ** 20)} MB`],
    ]),
  );
  // Of the contestants only these have functions.
  const { HOLDFAST_BENCH_MINISTACK, HOLDFAST_BENCH_BEFORE } = process.env;
  const kinds = besideKinds({ HOLDFAST_BENCH_MINISTACK, HOLDFAST_BENCH_BEFORE });
  const plan = { rounds: 5, warmUp: 1, stretchMs: 1_000, graceMs: 3_000, messages: 1_000, drainMs: 5_000 };
  const rows = await measureBeside(kinds, plan, (text) => console.error(text));
  console.log(`\n${besideText(rows)}\n\n${machine()}`);
}
