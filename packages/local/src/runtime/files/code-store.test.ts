import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '@holdfast/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
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

it('two hundred updates of a function leave a few directories, and those in use stay', () => {
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
  expect(readdirSync(directory)).toHaveLength(KEPT_MAX + 1);
  // One that was removed is unpacked again.
  expect(existsSync(unpack(1))).toBe(true);

  const next = new CodeStore(blobs, directory);
  next.use([next.directoryOf({ kind: 'zip', blobId: 'code-2' })]);
  expect(readdirSync(directory)).toHaveLength(KEPT_MAX + 1);
});

it('a directory that somebody works on is never removed', () => {
  const code = new CodeStore(blobs, directory);
  const own = join(directory, '..', 'own');
  code.use([own]);
  code.leave([own]);
  expect(readdirSync(join(directory, '..'))).toEqual([]);
});
