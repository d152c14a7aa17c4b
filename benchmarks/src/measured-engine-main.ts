/** An engine in a process of its own, steered by whoever forked it; see measured-engine.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalEngine } from '@holdfast/local';
import { synthesizeStack } from '@holdfast/stacks';
import type { CpuUsage, EngineAnswer, EngineOrder, EngineOrders, MemoryInUse } from './measured-engine.ts';

const [dataDir = ''] = process.argv.slice(2);
const local = await LocalEngine.start({ port: 0, ...(dataDir === '' ? {} : { dataDir }) });
const call = async <Output>(service: string, action: string, input: object): Promise<Output> =>
  (await local.engine.call(service, action, input, local.context())) as Output;

/** Looks within the process: nothing is sent, so that waiting costs next to nothing. */
const LOOK_EVERY_MS = 1;

const orders: EngineOrders = {
  deployPipeline: async (assemblyDir) => {
    const [stack] = await local.deploy(await synthesizeStack('VendorOnboarding', assemblyDir));
    return stack?.outputs ?? {};
  },
  deployTemplate: async (template) => {
    const { outputs } = await local.deployTemplate('bench', JSON.stringify(template), { sleep: () => sleep(1) });
    return outputs;
  },
  call: (service, action, input) => call<Record<string, unknown>>(service, action, input),
  untilUploadEnds: async (key, lookEveryMs) => {
    for (;;) {
      const { Item } = await call<{ Item?: Record<string, { S?: string; N?: string }> }>('dynamodb', 'GetItem', {
        TableName: 'uploads',
        Key: { vendor_id: { S: key.split('/')[1] ?? '' }, file_key: { S: key } },
      });
      const status = Item?.['status']?.S;
      if (status?.startsWith('COMPLETED') === true) return;
      if (status === 'FAILED') throw new Error(`${key} failed`);
      await sleep(lookEveryMs);
    }
  },
  untilMetric: async (functionName, metric, sum) => {
    for (;;) {
      const { Datapoints = [] } = await call<{ Datapoints?: { Sum?: number }[] }>('cloudwatch', 'GetMetricStatistics', {
        Namespace: 'AWS/Lambda',
        MetricName: metric,
        Dimensions: [{ Name: 'FunctionName', Value: functionName }],
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
        Period: 7_200,
        Statistics: ['Sum'],
      });
      const reached = Datapoints.reduce((total, point) => total + (point.Sum ?? 0), 0);
      if (reached >= sum) return reached;
      await sleep(LOOK_EVERY_MS);
    }
  },
  cpu: async (): Promise<CpuUsage> => {
    const all = process.cpuUsage();
    const main = process.threadCpuUsage();
    return { cpuMs: (all.user + all.system) / 1_000, mainThreadMs: (main.user + main.system) / 1_000 };
  },
  memory: async (): Promise<MemoryInUse> => {
    const { gc } = globalThis as { gc?: () => void };
    gc?.();
    await sleep(10);
    gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rssBytes: rss, heapBytes: heapUsed + external };
  },
};

process.on('message', async ({ id, name, parts }: EngineOrder) => {
  const answer = (rest: Partial<EngineAnswer>): void => void process.send?.({ id, ...rest });
  try {
    answer({ result: await (orders[name] as (...parts: readonly unknown[]) => Promise<unknown>)(...parts) });
  } catch (error) {
    answer({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
});
// Whoever forked this is gone, or has had enough.
process.on('disconnect', () => void local.close().finally(() => process.exit(0)));
process.send?.({ id: 0, result: local.endpoint } satisfies EngineAnswer);
