/** An engine in a process of its own: `engine-main.ts [data directory]`. Prints its port; tells its heap when asked. */
import { LocalEngine } from '@holdfast/local';

const [dataDir] = process.argv.slice(2);
const engine = await LocalEngine.start({ port: 0, ...(dataDir === undefined ? {} : { dataDir }) });
process.on('message', () => {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
console.log(new URL(engine.endpoint).port);
