/** `npm run bench:footprint`: measures and prints; see README.md. */
import { machine } from '../src/machine.ts';
import { serverKinds } from '../src/servers.ts';
import { measureFootprint } from './footprint.ts';
import { footprintText } from './report.ts';

const { HOLDFAST_BENCH_FAUXQS, HOLDFAST_BENCH_ELASTICMQ } = process.env;
/** The rivals that can be given so many messages in reasonable time. */
const rivals = serverKinds({ HOLDFAST_BENCH_FAUXQS, HOLDFAST_BENCH_ELASTICMQ }).slice(serverKinds({}).length);
const result = await measureFootprint(
  {
    stocks: [
      { messages: 1_000_000, bodyBytes: 256 },
      { messages: 100_000, bodyBytes: 10_000 },
    ],
    fillMs: 60_000,
    idle: { queues: 10_000, forMs: 20_000 },
  },
  rivals,
  (text) => console.error(text),
);
console.log(`${footprintText(result)}\n${machine()}`);
