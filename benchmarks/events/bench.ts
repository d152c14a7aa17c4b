/** `npm run bench:events`: measures and prints; see README.md. */
import { besideText, measureBeside } from '../src/beside.ts';
import { machine } from '../src/machine.ts';
import { miniStackCommand } from '../src/ministack.ts';
import { serverKinds } from '../src/servers.ts';
import { besideQuestions, eventsText, measureEvents } from './events.ts';

console.log(`${eventsText(await measureEvents(50_000))}\n`);
const kinds = serverKinds({ ...process.env, HOLDFAST_BENCH_MINISTACK: miniStackCommand() });
console.log(besideText(await measureBeside(kinds, besideQuestions, { rounds: 5, stretchMs: 2_000 })));
console.log(`\n${machine()}`);
