import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '@holdfast/engine';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { archiveOf } from '../../testing/archive.ts';
import { CodeStore } from './code-store.ts';

const UPDATES = 200;
const KEPT_MAX = 64;

let directory: string;
const { blobs } = new MemoryStore();

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'holdfast-code-')), 'code');
  for (let update = 0; update < UPDATES; update++) {
    blobs.put(`code-${update}`, archiveOf({ 'index.js': `exports.handler = () => ${update};` }));
  }
});

afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

it('two hundred updates of a function leave a few directories, and those in use stay', async () => {
  const code = new CodeStore(blobs, directory);
  const unpack = (update: number): string => code.directoryOf({ kind: 'zip', blobId: `code-${update}` });
  const inUse = unpack(0);
  code.use([inUse, undefined]);
  for (let update = 1; update < UPDATES; update++) {
    const unpacked = unpack(update);
    code.use([unpacked]);
    code.leave([unpacked]);
  }
  expect(existsSync(inUse)).toBe(true);
  await vi.waitFor(() => expect(readdirSync(directory)).toHaveLength(KEPT_MAX + 1));
  // One that was removed is unpacked again.
  expect(existsSync(unpack(1))).toBe(true);

  const next = new CodeStore(blobs, directory);
  next.use([next.directoryOf({ kind: 'zip', blobId: 'code-2' })]);
  await vi.waitFor(() => expect(readdirSync(directory)).toHaveLength(KEPT_MAX + 1));
});

/** More files than are unpacked while everything waits. */
const putLarge = (blobId: string): void => {
  const files = Array.from({ length: 2_000 }, (_, n) => [`modules/m${n % 50}/${n}.js`, `exports.n = ${n};`] as const);
  blobs.put(blobId, archiveOf(Object.fromEntries(files)));
};

it('an archive with very many files is unpacked elsewhere, once for all who wait for it', async () => {
  putLarge('large');
  const code = new CodeStore(blobs, directory);
  let turns = 0;
  const turning = setInterval(() => {
    turns += 1;
  }, 1);
  const waits = [1, 2].map(() => code.prepare({ kind: 'zip', blobId: 'large' }, ['code-1']));
  expect(waits).toEqual([expect.any(Promise), expect.any(Promise)]);
  await Promise.all(waits);
  clearInterval(turning);

  expect(turns).toBeGreaterThan(0);
  expect(code.prepare({ kind: 'zip', blobId: 'large' }, [])).toBeUndefined();
  const unpacked = code.directoryOf({ kind: 'zip', blobId: 'large' });
  expect(readdirSync(unpacked, { recursive: true })).toHaveLength(2_000 + 50 + 1);
  expect(readFileSync(join(unpacked, 'modules', 'm49', '1999.js'), 'utf8')).toBe('exports.n = 1999;');
});

it('small archives are not waited for', () => {
  const code = new CodeStore(blobs, directory);
  expect(code.prepare({ kind: 'zip', blobId: 'code-1' }, ['code-2'])).toBeUndefined();
  expect(code.prepare({ kind: 'directory', path: '/somewhere' }, [])).toBeUndefined();
});

it('what is wrong with a large archive is told to whoever waits for it', async () => {
  const files = Array.from({ length: 600 }, (_, n) => [`../m${n}.js`, ''] as const);
  blobs.put('leaving', archiveOf(Object.fromEntries(files)));
  const code = new CodeStore(blobs, directory);
  await expect(code.prepare({ kind: 'zip', blobId: 'leaving' }, [])).rejects.toThrow(/leaves the code directory/);
});

it('unpacking that is ended half-way leaves nothing that has a name', async () => {
  putLarge('ended');
  const code = new CodeStore(blobs, directory);
  const outcome = expect(code.prepare({ kind: 'zip', blobId: 'ended' }, [])).rejects.toThrow('given up');
  await code.close();
  await outcome;
  expect(existsSync(directory) ? readdirSync(directory).filter((name) => !name.endsWith('.new')) : []).toEqual([]);
});

it('a directory that somebody works on is never removed', () => {
  const code = new CodeStore(blobs, directory);
  const own = join(directory, '..', 'own');
  code.use([own]);
  code.leave([own]);
  expect(readdirSync(join(directory, '..'))).toEqual([]);
});
