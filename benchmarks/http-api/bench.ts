/** `npm run bench:http-api`: measures and prints; see README.md. */
import { machine } from '../src/machine.ts';
import { httpApiText, measureHttpApi } from './http-api.ts';
import { labText, measureLab } from './lab.ts';

// One of them alone: `npm run bench:http-api -- api`, or `lab`.
const [only] = process.argv.slice(2);
if (only !== 'lab') console.log(`${httpApiText(await measureHttpApi(30_000))}\n`);
if (only !== 'api') console.log(`${labText(await measureLab(1_000))}\n`);
console.log(machine());
