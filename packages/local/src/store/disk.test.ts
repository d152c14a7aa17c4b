import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOB_FILE_BYTES_MIN } from './blob-files.ts';
import type { FsyncMode } from './flusher.ts';
import { LogStore, type LogStoreOptions } from './log-store.ts';
import type { WriteBytes } from './segment.ts';

let root: string;
let directory: string;
let store: LogStore | undefined;
let notes: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
  directory = join(root, 'data');
  notes = [];
});

afterEach(() => {
  store?.close();
  store = undefined;
  rmSync(root, { recursive: true, force: true });
});

const open = (options: LogStoreOptions = {}): LogStore => {
  store?.close();
  store = new LogStore(directory, { reserveBytes: 4_096, note: (text) => notes.push(text), ...options });
  return store;
};

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waits = 0; !isSo() && waits < 500; waits++) await sleep(10);
  expect(isSo()).toBe(true);
};

/** Appends so many bytes, and then no more until there is room. */
class SmallDisk {
  room: number;
  onWritten = (): void => {};

  constructor(room: number) {
    this.room = room;
  }

  readonly write = (descriptor: number, bytes: Buffer, from: number): number => {
    const length = Math.min(bytes.length - from, this.room);
    if (length === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    this.room -= length;
    const written = writeSync(descriptor, bytes, from, length);
    this.onWritten();
    return written;
  };
}

describe('a full disk', () => {
  it('ends nothing: what was acknowledged stays, the turn that found out waits, and is written when there is room', async () => {
    const disk = new SmallDisk(1_000);
    const rows = open({ write: disk.write }).collection<string>('s');
    rows.put('kept', 'acknowledged');
    await store?.durable();
    rows.put('late', 'x'.repeat(2_000));
    let isAcknowledged = false;
    const turn = store?.durable()?.then(() => {
      isAcknowledged = true;
    });
    await until(() => store?.refusal !== undefined);
    await sleep(50);

    expect(isAcknowledged).toBe(false);
    expect(store?.refusal).toMatch(/^the disk with the data directory .* is full$/);
    expect(store?.isStuck).toBe(true);
    expect(rows.get('kept')).toBe('acknowledged');
    expect(notes).toEqual([expect.stringContaining('is full: writes are answered with 503 until there is room')]);

    disk.room = 1e9;
    await turn;
    await until(() => store?.refusal === undefined);
    expect(notes.slice(1)).toEqual(['there is room on the disk again: writes are taken']);
    open();
    expect([...(store?.collection<string>('s').entries() ?? [])].map(([key]) => key)).toEqual(['kept', 'late']);
  });

  it('leaves no half record behind: a process killed meanwhile finds what was acknowledged, and nothing else', async () => {
    const disk = new SmallDisk(1_000);
    const rows = open({ write: disk.write }).collection<string>('s');
    rows.put('kept', 'acknowledged');
    await store?.durable();
    rows.put('late', 'x'.repeat(2_000));
    await until(() => store?.isStuck === true);
    const copy = join(root, 'copy');
    mkdirSync(copy);
    for (const name of ['log-1', 'manifest', 'format']) {
      copyFileSync(join(directory, name), join(copy, name));
    }
    const found = new LogStore(copy, { note: (text) => notes.push(text) });
    expect([...found.collection('s').entries()]).toEqual([['kept', 'acknowledged']]);
    expect(notes).toHaveLength(1);
    found.close();
    disk.room = 1e9;
  });

  it('is met with the room kept for it: the turn is acknowledged, and deletes go on', async () => {
    const disk = new SmallDisk(1_500);
    let hadReserve = false;
    const rows = open({
      write: (descriptor, bytes, from) => {
        // Giving up the reserve is what makes room.
        if (hadReserve && !readdirSync(directory).includes('reserve')) {
          hadReserve = false;
          disk.room += 4_096;
        }
        return disk.write(descriptor, bytes, from);
      },
    }).collection<string>('s');
    hadReserve = true;
    rows.put('a', 'x'.repeat(500));
    await store?.durable();
    rows.put('b', 'x'.repeat(1_500));
    await store?.durable();
    expect(notes).toEqual([expect.stringContaining('is full')]);
    expect(store?.isStuck).toBe(false);
    rows.delete('a');
    await store?.durable();
    expect(rows.get('a')).toBeUndefined();
    await until(() => store?.refusal === undefined);
  });
});

describe('too many open files', () => {
  /** A process with room for a few more files: what it says, and whether it took blobs while there was none, and after. */
  const PROGRAM = `
import { closeSync, openSync } from 'node:fs';
const { LogStore } = await import(process.argv[1]);
const notes = [];
const alive = setInterval(() => {}, 1_000);
const store = new LogStore(process.argv[2], { reserveBytes: 4096, fsync: process.argv[3], note: (text) => notes.push(text) });
const blob = Buffer.alloc(100_000, 'x');
store.blobs.put('before', blob);
await store.durable();
const held = [];
try { for (;;) held.push(openSync(process.argv[2] + '/format')); } catch {}
store.blobs.put('meanwhile', blob);
const written = store.durable();
await new Promise((resolve) => setTimeout(resolve, 1_500));
const refusal = store.refusal;
for (const descriptor of held) closeSync(descriptor);
await written;
while (store.refusal !== undefined && !store.isBroken) await new Promise((resolve) => setTimeout(resolve, 20));
store.blobs.put('after', blob);
await store.durable();
store.close();
clearInterval(alive);
console.log(JSON.stringify({ refusal, notes, isBroken: store.isBroken }));
`;

  it.each<FsyncMode>(['everysec', 'always'])(
    'end nothing with fsync %s: writes wait, and go on when files are closed',
    async (fsync) => {
      mkdirSync(directory, { recursive: true });
      const { stdout } = await promisify(execFile)('/bin/sh', [
        '-c',
        'ulimit -n 100; exec "$@"',
        'sh',
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '--eval',
        PROGRAM,
        fileURLToPath(new URL('./log-store.ts', import.meta.url)),
        directory,
        fsync,
      ]);
      expect(JSON.parse(stdout)).toEqual({
        refusal: `too many files are open to write to the data directory ${directory}`,
        notes: [
          `too many files are open to write to the data directory ${directory}: writes are answered with 503 until some are closed; reads and deletes go on, and nothing that was acknowledged is lost`,
          'files can be opened again: writes are taken',
        ],
        isBroken: false,
      });
      const { blobs } = open();
      for (const id of ['before', 'meanwhile', 'after']) expect(blobs.get(id).length).toBe(100_000);
    },
    20_000,
  );
});

it('a directory removed while the store is open is noticed, and nothing is acknowledged that nobody will find', async () => {
  const rows = open().collection<string>('s');
  rows.put('a', 'before');
  await store?.durable();
  rmSync(directory, { recursive: true });
  await sleep(110);
  rows.put('b', 'after');
  await expect(store?.durable()).rejects.toThrow('log-1 was removed');
  rows.put('c', 'after');
  await expect(store?.durable()).rejects.toThrow('log-1 was removed');
  expect(store?.refusal).toContain('cannot be written any more');
  expect(rows.get('a')).toBe('before');
  expect(notes).toHaveLength(1);
});

it('two stores on one directory, because the lock file was deleted, are noticed before the first writes again', async () => {
  const first = open();
  first.collection<string>('s').put('a', 'of the first');
  await first.durable();
  rmSync(join(directory, 'lock'));
  const second = new LogStore(directory, { note: () => {} });
  second.collection<string>('s').put('b', 'of the second');
  await second.durable();
  await sleep(110);
  first.collection<string>('s').put('c', 'of the first');
  await expect(first.durable()).rejects.toThrow(/somebody else writes there|lock was removed or replaced/);
  second.close();
  open();
  expect([...(store?.collection('s').entries() ?? [])].map(([key]) => key)).toEqual(['a', 'b']);
});

it('only the owner can read the state', async () => {
  open().blobs.put('large', new Uint8Array(BLOB_FILE_BYTES_MIN));
  await store?.durable();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
    expect([entry.name, mode.toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
  }
});

it('a directory with somebody else’s files is refused in one sentence, and left as it is', () => {
  mkdirSync(directory);
  writeFileSync(join(directory, 'thesis.txt'), 'mine');
  expect(() => open()).toThrow(/has files that are not Holdfast's \(such as thesis.txt\)/);
  expect(readdirSync(directory)).toEqual(['thesis.txt']);
});

it.each(['audit', 'ledger'])('a directory in which the command has left its %s is taken', (name) => {
  mkdirSync(join(directory, name), { recursive: true });
  expect(() => open()).not.toThrow();
});

it.runIf(process.platform === 'linux')('a directory that cannot be made is refused in one sentence', () => {
  expect(() => new LogStore('/proc/xyz')).toThrow(/^data directory \/proc\/xyz: cannot be made \(\w+\)$/);
});

it.each<FsyncMode>(['never', 'everysec', 'always'])(
  'with fsync %s what was acknowledged is there afterwards',
  async (fsync) => {
    for (let round = 0; round < 3; round++) {
      const rows = open({ fsync, segmentBytes: 2_000 }).collection<string>('s');
      for (let turn = 0; turn < 20; turn++) {
        rows.put(`${round}/${turn}`, 'x'.repeat(100));
        if (turn % 3 === 0) await store?.durable();
      }
      await store?.durable();
      expect(store?.durable()).toBeUndefined();
    }
    open({ fsync });
    expect([...(store?.collection('s').entries() ?? [])]).toHaveLength(60);
    expect(notes).toEqual([]);
  },
);

it('with fsync always an answer waits for the disk, and turns that end meanwhile share a flush', async () => {
  const rows = open({ fsync: 'always' }).collection<number>('s');
  rows.put('a', 1);
  const first = store?.durable();
  await new Promise(setImmediate);
  // Appended, and not yet on the disk.
  expect(store?.durable()).toBeDefined();
  rows.put('b', 2);
  const second = store?.durable();
  await Promise.all([first, second]);
  expect(store?.durable()).toBeUndefined();
});

it.each<[string, unknown]>([
  ['NaN', { Timeout: Number.NaN }],
  ['undefined in a list', [undefined]],
  ['a Map', { tags: new Map([['a', 1]]) }],
  ['nothing', undefined],
])('a value that would come back as another one is refused loudly: %s', async (_, value) => {
  const rows = open().collection<unknown>('s');
  rows.put('a', 'before');
  await store?.durable();
  rows.put('a', value);
  rows.put('b', 'beside it');
  await expect(store?.durable()).rejects.toThrow(/^s: the value of "a" /);
  open();
  expect([...(store?.collection('s').entries() ?? [])]).toEqual([
    ['a', 'before'],
    ['b', 'beside it'],
  ]);
});

it.each([0xd800, 0xdfff])(
  'a key that would come back as another one is refused loudly: half a character, %i',
  (unit) => {
    const key = `a${String.fromCharCode(unit)}`;
    expect(() => open().collection<number>('s').put(key, 1)).toThrow('is no text that can be stored');
  },
);

it('a process that ends while a reset writes what it begins with finds the state before the reset', async () => {
  const disk = new SmallDisk(1e9);
  const write: WriteBytes = (descriptor, bytes, from) => disk.write(descriptor, bytes, from);
  const rows = open({ write }).collection<string>('s');
  rows.put('a', 'before');
  await store?.durable();
  const copy = join(root, 'copy');
  mkdirSync(copy);
  const keepCopy = (): void => {
    for (const name of ['log-1', 'log-2', 'manifest', 'format']) {
      if (readdirSync(directory).includes(name)) copyFileSync(join(directory, name), join(copy, name));
    }
  };
  // The last write of the reset to the new segment, before the manifest names it.
  disk.onWritten = keepCopy;
  store?.clear([['clock', 'now', 42]]);
  expect(statSync(join(copy, 'log-2')).size).toBeGreaterThan(60);
  const found = new LogStore(copy, { note: (text) => notes.push(text) });
  expect([...found.collection('s').entries()]).toEqual([['a', 'before']]);
  expect(found.collection('clock').get('now')).toBeUndefined();
  expect(notes).toEqual([]);
  found.close();
});

it('a reset is one step: whenever the process ends, the old state is all there or all gone', async () => {
  const rows = open({ segmentBytes: 500 }).collection<string>('s');
  for (let row = 0; row < 20; row++) {
    rows.put(String(row), 'x'.repeat(100));
    await store?.durable();
  }
  const before = new Map(readdirSync(directory).map((name) => [name, statSync(join(directory, name)).ino]));
  store?.clear([['clock', 'now', 42]]);
  // As if the process had ended before any old segment was removed: they are there, and nobody believes them.
  expect(before.size).toBeGreaterThan(8);
  writeFileSync(join(directory, 'log-1'), 'left over');
  renameSync(join(directory, 'log-1'), join(directory, 'log-2'));
  open();
  expect([...(store?.collection('s').entries() ?? [])]).toEqual([]);
  expect(store?.collection('clock').get('now')).toBe(42);
  expect(readdirSync(directory).filter((name) => name.startsWith('log-'))).toHaveLength(1);
});
