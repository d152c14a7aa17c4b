/** `npm run bench:states`: measures and prints; see README.md. */
import { machine } from '../src/machine.ts';
import { measureStates, statesText } from './states.ts';

const result = await measureStates({ executions: 200, loops: 500, waiting: 50_000 });
console.log(`${statesText(result)}\n\n${machine()}`);
