/** `npm run bench:states`: measures and prints; see README.md. */
import { besideText, measureBeside } from '../src/beside.ts';
import { machine } from '../src/machine.ts';
import { miniStackCommand } from '../src/ministack.ts';
import { serverKinds } from '../src/servers.ts';
import { besideQuestions } from './beside.ts';
import { measureStates, statesText } from './states.ts';

const result = await measureStates({ executions: 200, loops: 500, waiting: 50_000 });
console.log(`${statesText(result)}\n`);
const kinds = serverKinds({ ...process.env, HOLDFAST_BENCH_MINISTACK: miniStackCommand() });
console.log(besideText(await measureBeside(kinds, besideQuestions, { rounds: 5, stretchMs: 2_000 })));
console.log(`\n${machine()}`);
