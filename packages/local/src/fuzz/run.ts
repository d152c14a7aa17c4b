import { seededRandom } from '@holdfast/kernel';
import { FuzzEngine } from './fuzz-engine.ts';
import { sendNoise } from './wire-noise.ts';

/** The long form, by hand: `npm run fuzz -- 100000 7` sends so many requests, drawn with that seed. */
const [count = '100000', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const crashes: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: Error) => crashes.push(`${event}: ${error?.stack ?? String(error)}`));
}
const { error: sayError } = console;
const errors = new Map<string, number>();
console.error = (...words: unknown[]) => {
  const error = words.find((word) => word instanceof Error);
  const text = error === undefined ? String(words[0]) : String(error.stack).split('\n').slice(0, 3).join(' ');
  errors.set(text, (errors.get(text) ?? 0) + 1);
};
const fuzz = await FuzzEngine.start(Number(seed));
const startedAt = performance.now();
// Ctrl-C ends it early, with a report.
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
const sayProgress = (done: number): void => {
  if (done % 10_000 !== 0) return;
  process.stderr.write(`${done} requests, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
};
const result = await fuzz.run(Number(count), { onProgress: sayProgress, isStopped: () => isStopped });
const noise = seededRandom(Number(seed)).stream('noise');
const port = Number(new URL(fuzz.endpoint).port);
const connections = Math.ceil(result.requests / 10);
for (let done = 0; done < connections; done += 50) {
  await Promise.all(Array.from({ length: 50 }, () => sendNoise(port, noise)));
}
const isAlive = (await fetch(`${fuzz.endpoint}/_holdfast/health`)).ok;
await fuzz.close();
console.error = sayError;
console.log(
  JSON.stringify(
    {
      seed: Number(seed),
      operations: fuzz.operationCount,
      seconds: Math.round((performance.now() - startedAt) / 1_000),
      connections,
      isAlive,
      ...result,
      findings: result.findings.length,
    },
    null,
    2,
  ),
);
for (const { request, flaw } of result.findings.slice(0, 60)) {
  console.log(
    `${request.label}: ${request.method} ${request.path.slice(0, 200)} ${String(request.body).slice(0, 300)}\n  → ${flaw}`,
  );
}
for (const [text, times] of errors) console.log(`${times} × ${text}`);
for (const crash of crashes) console.log(crash);
process.exitCode = result.findings.length + crashes.length === 0 && isAlive ? 0 : 1;
