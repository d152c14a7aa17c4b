/** `npm run bench:console`: measures and prints; see README.md. */
import { machine } from '../src/machine.ts';
import { consoleText, measureConsole } from './console.ts';

const failures = Number(process.argv[2] ?? 1_000_000);
console.log(`${consoleText(await measureConsole(failures))}\n\n${machine()}`);
