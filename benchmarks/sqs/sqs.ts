/** `npm run bench:sqs [-- part of a row's name ...]`; see README.md. */
import { machine } from '../src/machine.ts';
import { Load } from './load.ts';
import { measure, type Plan } from './measure.ts';
import { reportText } from './report.ts';
import { serverKinds } from './servers.ts';

const plan: Plan = {
  rounds: 5,
  stretchMs: 300,
  connections: [1, 16, 64],
  backlogs: [1_000, 10_000, 100_000, 1_000_000],
  wakeUps: 500,
};

const wanted = process.argv.slice(2);
const load = new Load();
try {
  const report = await measure(
    serverKinds(),
    load,
    plan,
    (text) => console.error(text),
    (row) => wanted.length === 0 || wanted.some((part) => row.includes(part)),
  );
  console.log(`${machine()}\n\n${reportText(report)}`);
} finally {
  load.stop();
}
