/** Runs a handler's bundle in this process, one event after another; see targets.ts. */
import { pathToFileURL } from 'node:url';
import type { WarmJob, WarmResult } from './targets.ts';

process.once('message', async ({ bundle, warmUp, events }: WarmJob) => {
  const { handler } = (await import(pathToFileURL(bundle).href)) as {
    handler: (event: object, context: object) => Promise<{ files: readonly { isNew: boolean; products?: number }[] }>;
  };
  // Log lines are made as on Lambda; where they go is not measured.
  process.stdout.write = () => true;
  let products = 0;
  const run = async (list: readonly object[]): Promise<void> => {
    for (const [index, event] of list.entries()) {
      const deadline = Date.now() + 60_000;
      const { files } = await handler(event, {
        awsRequestId: `warm-${index}`,
        functionName: 'csv-parser',
        getRemainingTimeInMillis: () => deadline - Date.now(),
      });
      for (const file of files) if (file.isNew) products += file.products ?? 0;
    }
  };
  await run(warmUp);
  products = 0;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await run(events);
  const seconds = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ seconds, cpuSeconds: (user + system) / 1e6, products } satisfies WarmResult, () =>
    process.disconnect(),
  );
});
