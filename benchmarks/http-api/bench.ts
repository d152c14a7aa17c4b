/** `npm run bench:http-api`: measures and prints; see README.md. */
import { machine } from '../src/machine.ts';
import { httpApiText, measureHttpApi } from './http-api.ts';

console.log(`${httpApiText(await measureHttpApi(30_000))}\n\n${machine()}`);
