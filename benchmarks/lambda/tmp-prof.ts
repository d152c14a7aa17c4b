import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { invokeBytes } from '../src/lambda-requests.ts';
import { LambdaServer } from './lambda-server.ts';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const what = process.argv[2] ?? 'async';
const rounds = Number(process.argv[3] ?? 6);
const prof = process.argv[4] === 'prof';
const start = async (name: string, root: string) => {
  const directory = mkdtempSync('/tmp/hfb-');
  mkdirSync(`/tmp/prof-${name}`, { recursive: true });
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--max-old-space-size=8192', ...(prof ? ['--cpu-prof', `--cpu-prof-dir=/tmp/prof-${name}`] : []), `${root}/benchmarks/src/engine-main.ts`, '0', directory], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  for await (const line of createInterface({ input: child.stdout! })) {
    const port = Number(line);
    const cpuMs = () => { const f = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10; };
    const d = mkdtempSync('/var/tmp/hfb-');
    const server = new LambdaServer({ name, port, cpuMs } as never, d);
    await server.setUp();
    return { name, child, server, rows: [] as number[][] };
  }
  throw new Error();
};
const all = [await start('now', '/work/lead'), await start('before', '/work/before')];
const median = (a: number[]) => [...a].sort((x, y) => x - y)[Math.floor(a.length / 2)]!;
for (let round = 0; round <= rounds; round++) for (const one of all) {
  const { server } = one;
  const c0 = server.cpuMs()!; const n0 = server.count(); const t0 = performance.now();
  let n = 0;
  if (what === 'async') {
    const { units } = await server.load(invokeBytes(server.port, 'counting', 'Event', '{"orderId":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'), 16, 700, 3000);
    while (server.count() - n0 < units) await sleep(2);
    n = units;
  } else {
    const { units } = await server.load(invokeBytes(server.port, 'noop', 'RequestResponse', '{"orderId":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'), what === 'sync1' ? 1 : 16, 700, 3000);
    n = units;
  }
  const took = performance.now() - t0; const cpu = server.cpuMs()! - c0;
  if (round > 0) one.rows.push([n / took * 1000, cpu / n]);
}
for (const { name, rows, child } of all) {
  console.log(name, what, 'per s', median(rows.map((r) => r[0]!)).toFixed(0), 'cpu µs', (median(rows.map((r) => r[1]!)) * 1000).toFixed(1));
  child.disconnect();
}
