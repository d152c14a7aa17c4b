/** An engine in a process of its own: `engine-main.ts [port] [data directory] [fsync]`. Prints its port; tells its heap when asked. */
import { type FsyncMode, LocalEngine } from '@holdfast/local';

const [port = '0', dataDir, fsync] = process.argv.slice(2);
const engine = await LocalEngine.start({
  port: Number(port),
  dataDir,
  fsync: fsync as FsyncMode | undefined,
  rulesPerBus: 2_000,
});
process.on('message', () => {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
process.on('disconnect', () => process.exit(0));
console.log(new URL(engine.endpoint).port);
