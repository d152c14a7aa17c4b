import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { measureBareHttp } from '../src/ceilings.ts';
import { type LoadResult, requestBytes, runLoad } from '../src/http-load.ts';
import { resultTable, short } from '../src/numbers.ts';
import { ownChild } from '../src/own-children.ts';
import { cpuMsOf } from '../src/servers.ts';

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/holdfast.mjs', import.meta.url));
const CONNECTIONS = 8;
/** As many connections as posts are under way make as many cold starts, so they come little by little. */
const WARM_UP = [
  { connections: 1, posts: 20 },
  { connections: 2, posts: 40 },
  { connections: 4, posts: 80 },
  { connections: CONNECTIONS, posts: 160 },
];
const PROCESSED_WITHIN_MS = 300_000;

interface Lab {
  readonly apiUrl: string;
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
}

/** The stack as its users start it: `holdfast up --stack IngestionLab`, durable. */
const startLab = async (directory: string): Promise<Lab> => {
  const words = ['up', '--stack', 'IngestionLab', '--port', '0', '--data-dir', join(directory, 'data'), '--json'];
  const child = ownChild(spawn(process.execPath, [COMMAND, ...words], { stdio: ['ignore', 'pipe', 'ignore'] }));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const { stack } = JSON.parse(line) as {
      readonly stack: { readonly outputs: { readonly ApiUrl: string } };
    };
    const stop = async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    };
    return { apiUrl: stack.outputs.ApiUrl, cpuMs: () => cpuMsOf(child.pid) ?? Number.NaN, stop };
  }
  throw new Error('the lab ended before it was ready');
};

export interface LabResult {
  readonly bare: LoadResult;
  readonly lab: LoadResult;
  /** Of engine and functions, until the last order was processed, in milliseconds. */
  readonly cpuMsPerPost: number;
  /** From the last answer until the last order was processed, in seconds. */
  readonly processedAfter: number;
}

/** Each post is another order: validated, recorded, queued, while the worker processes those before it. */
export const measureLab = async (posts: number): Promise<LabResult> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    const bare = await measureBareHttp(posts, CONNECTIONS);
    const { apiUrl, cpuMs, stop } = await startLab(directory);
    try {
      const { port, pathname } = new URL(apiUrl);
      let orders = 0;
      function* order(): Generator<Buffer, boolean, string> {
        const body = JSON.stringify({ orderId: `order-${++orders}`, amount: 42.5 });
        return (yield requestBytes(
          Number(port),
          `${pathname}/events`,
          { 'Content-Type': 'application/json' },
          body,
        )).includes('"ACCEPTED"');
      }
      const load = (connections: number, unitsMax: number) =>
        runLoad({ port: Number(port), connections, unitsMax, unit: order });
      for (const { connections, posts: few } of WARM_UP) await load(connections, few);
      const cpuBefore = cpuMs();
      const lab = await load(CONNECTIONS, posts);
      if (lab.units < posts) throw new Error(`${posts - lab.units} posts were not taken`);
      const begin = performance.now();
      for (let number = orders; number > 0; number--) {
        while (!(await (await fetch(`${apiUrl}/events/order-${number}`)).text()).includes('"PROCESSED"')) {
          if (performance.now() - begin > PROCESSED_WITHIN_MS) throw new Error(`order-${number} is not processed`);
          await sleep(50);
        }
        // The queue keeps no order, and batches are ten: the last hundred say it of all.
        if (number < orders - 100) break;
      }
      const processedAfter = (performance.now() - begin) / 1_000;
      return { bare, lab, processedAfter, cpuMsPerPost: (cpuMs() - cpuBefore) / posts };
    } finally {
      await stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

export const labText = ({ bare, lab, processedAfter, cpuMsPerPost }: LabResult): string => {
  const latency = ({ p50, p99 }: LoadResult): string => `p50 ${short(p50)} ms, p99 ${short(p99)} ms`;
  return resultTable([
    ['bare node:http', `${short(bare.perSecond)} /s; ${latency(bare)}`],
    [
      'POST /events of IngestionLab, durable',
      `${short(lab.perSecond)} /s = ${(lab.perSecond / bare.perSecond).toFixed(4)} of bare HTTP; ${latency(lab)}; ${short(cpuMsPerPost)} ms of CPU a post; the last was processed ${short(processedAfter)} s later`,
    ],
  ]);
};
