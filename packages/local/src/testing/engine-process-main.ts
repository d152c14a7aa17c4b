import { flushCompileCache } from 'node:module';
import { LocalEngine } from '../local-engine.ts';

const [dataDir, port] = process.argv.slice(2);
const engine = await LocalEngine.start({ dataDir, port: Number(port ?? 0) });
console.log(engine.endpoint);
// Whoever is killed leaves none to the next.
flushCompileCache();
