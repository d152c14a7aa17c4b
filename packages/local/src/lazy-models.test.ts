import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** In a process of its own: here, other tests' packages are loaded already. */
const LOADED = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const clients = () => [...new Set(Object.keys(require.cache).flatMap((file) => /client-[a-z0-9-]+/.exec(file)?.[0] ?? []))];
const { LocalEngine } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)});
await using engine = await LocalEngine.start({ port: 0 });
await (await fetch(engine.endpoint + '/_holdfast/health')).json();
const before = clients();
await fetch(engine.endpoint, { method: 'POST', headers: { 'x-amz-target': 'AmazonSQS.ListQueues' }, body: '{}' });
console.log(JSON.stringify([before, clients()]));
`;

it('a start loads no model; the first request of a service loads its own', () => {
  const out = execFileSync(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    LOADED,
  ]);
  expect(JSON.parse(String(out))).toEqual([[], ['client-sqs']]);
});
