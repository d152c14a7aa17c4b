import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalEngine } from './local-engine.ts';

let root: string;
let dataDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-start-'));
  dataDir = join(root, 'data');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

it('an engine that cannot start keeps neither its port nor its directory, and lets the process end', async () => {
  const port = await freePort();
  await (await LocalEngine.start({ port, dataDir })).close();
  writeFileSync(join(dataDir, 'code'), 'a file where a directory belongs');

  await expect(LocalEngine.start({ port, dataDir })).rejects.toThrow(/code/);

  rmSync(join(dataDir, 'code'));
  await using engine = await LocalEngine.start({ port, dataDir });
  expect(engine.endpoint).toBe(`http://127.0.0.1:${port}`);
});

it('an engine whose port is taken lets go of its directory', async () => {
  await using first = await LocalEngine.start({ port: 0 });
  const port = Number(new URL(first.endpoint).port);
  await expect(LocalEngine.start({ port, dataDir })).rejects.toThrow(/EADDRINUSE/);
  await using second = await LocalEngine.start({ port: 0, dataDir });
  expect(second.endpoint).not.toBe(first.endpoint);
});
