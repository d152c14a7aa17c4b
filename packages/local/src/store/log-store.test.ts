import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@holdfast/kernel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BLOB_FILE_BYTES_MIN } from './blob-files.ts';
import { LogStore } from './log-store.ts';
import { SEGMENT_HEAD_BYTES } from './record.ts';

const AWKWARD_KEY = 'key with 3 spaces\nand "ü€😀"';
const AWKWARD_VALUE = { text: 'line\nend, "ü€😀" \u2028', more: [null, 1.5, ''] };

/** What is told is told in other tests. */
const OPTIONS = { reserveBytes: 64 * 1024, note: () => {} };

let directory: string;
let store: LogStore;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
  store = new LogStore(directory, OPTIONS);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

const reopen = (segmentBytes?: number): void => {
  store.close();
  store = new LogStore(directory, { ...OPTIONS, segmentBytes });
};

const segments = (): string[] => readdirSync(directory).filter((name) => name.startsWith('log-'));

const contents = (name: string): Map<string, unknown> => new Map(store.collection(name).entries());

it('what was written is there after opening the directory again', () => {
  const queues = store.collection<{ url: string }>('sqs.queues');
  queues.put('a', { url: '1' });
  queues.put('b', { url: '2' });
  queues.delete('a');

  reopen();

  expect([...store.collection('sqs.queues').entries()]).toEqual([['b', { url: '2' }]]);
});

it('of values that are looked through only the members in front of one are read, where that can be told', () => {
  const rows = store.collection<object>('s');
  const trap = ',"stop":"';
  const long = 'x'.repeat(70_000);
  const values = [
    { a: 1, stop: 'here', b: long },
    { a: trap, stop: '', b: [{ stop: 1 }] },
    { a: 'ü€😀\n', stop: trap },
    { stop: 'first', a: 1 },
    { a: 1 },
    { a: long, stop: 'far' },
  ];
  // So many that some of them lie over the end of a page.
  for (let at = 0; at < 600; at++) rows.put(`k/${at}`, values[at % values.length] as object);

  reopen();

  const found: [string, object][] = [];
  store.collection('s').scanHeads('stop', (head, beginning, number) => {
    found.push([`${beginning}${number}`, JSON.parse(`${head}}`)]);
  });
  expect(found.map(([key]) => key)).toEqual(found.map((_, at) => `k/${at}`));
  expect(found).toHaveLength(600);
  for (const [at, [key, value]] of found.entries()) {
    const { stop: _, b: __, ...head } = values[at % values.length] as Record<string, unknown>;
    expect(value).toMatchObject(at % values.length === 3 ? (values[3] as object) : head);
    expect(store.collection('s').get(key)).toEqual(values[at % values.length]);
  }
  expect(found[0]?.[1]).toEqual({ a: 1 });
});

it('values are read while the page that they are in grows, those of earlier turns too', async () => {
  const rows = store.collection<string>('s');
  const textOf = (at: number): string => `${at} ${'ü'.repeat(at % 700)}`;
  // Over the end of some pages.
  for (let at = 0; at < 400; at++) {
    rows.put(`k/${at}`, textOf(at));
    await store.durable();
    for (const read of [at, at - 1, Math.floor(at / 2)]) {
      if (read >= 0) expect(rows.get(`k/${read}`)).toBe(textOf(read));
    }
  }
});

it('keys and values may hold anything', async () => {
  const rows = store.collection<unknown>('s');
  rows.put('plain', 'before');
  rows.put(AWKWARD_KEY, AWKWARD_VALUE);
  rows.put('', 'empty key');
  rows.put('behind', 'after');
  await store.durable();

  for (const opened of [false, true]) {
    if (opened) reopen();
    const again = store.collection<unknown>('s');
    expect(again.get(AWKWARD_KEY)).toEqual(AWKWARD_VALUE);
    expect(again.get('')).toBe('empty key');
    expect(again.get('plain')).toBe('before');
    expect(again.get('behind')).toBe('after');
    expect(again.get('unknown')).toBeUndefined();
  }
});

it('a value can be read before and after it is written, and however large it is', async () => {
  const rows = store.collection<string>('s');
  const large = 'ä'.repeat(200_000);
  rows.put('large', large);
  rows.put('small', 'x');
  expect(rows.get('large')).toBe(large);
  await store.durable();
  expect(rows.get('large')).toBe(large);
  expect(rows.get('small')).toBe('x');

  rows.delete('small');
  expect(rows.get('small')).toBeUndefined();
  await store.durable();
  expect(rows.get('small')).toBeUndefined();
});

it('entries are given in the order of their keys, what is not yet written included', async () => {
  const rows = store.collection<number>('s');
  rows.put('b', 2);
  await store.durable();
  rows.put('a', 1);
  rows.put('c', 3);

  expect([...rows.entries()]).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
});

it('all writes of one turn are one record, and durable() tells when it is written', async () => {
  const numbers = store.collection<number>('test.numbers');
  expect(store.durable()).toBeUndefined();
  numbers.put('one', 1);
  const first = store.durable();
  numbers.put('two', 2);

  expect(store.durable()).toBe(first);
  await first;
  expect(store.durable()).toBeUndefined();
});

it('what came and went within a turn is not written', async () => {
  const rows = store.collection<number>('s');
  rows.put('a', 1);
  rows.delete('a');
  await store.durable();
  expect(readFileSync(join(directory, 'log-1')).length).toBe(SEGMENT_HEAD_BYTES);
});

it('a record that was cut off anywhere is not read, those before it are, and the log goes on behind them', async () => {
  const rows = store.collection<number>('s');
  rows.put('first', 1);
  await store.durable();
  const file = join(directory, 'log-1');
  const whole = readFileSync(file).length;
  rows.put('second', 2);
  rows.put('third', 3);
  await store.durable();
  // As they are while it runs: when it is closed in peace, the manifest says how long the log is.
  const [written, manifest] = [readFileSync(file), readFileSync(join(directory, 'manifest'))];
  const reopenKilled = (bytes: Buffer): void => {
    store.close();
    writeFileSync(file, bytes);
    writeFileSync(join(directory, 'manifest'), manifest);
    store = new LogStore(directory, OPTIONS);
  };

  for (let bytes = written.length - 1; bytes >= whole; bytes--) {
    reopenKilled(written.subarray(0, bytes));
    expect([...contents('s').keys()]).toEqual(['first']);
    store.collection<number>('s').put('fourth', 4);
    reopen();
    expect([...contents('s').keys()]).toEqual(['first', 'fourth']);
  }
  reopenKilled(Buffer.concat([written.subarray(0, whole), Buffer.alloc(40)]));
  expect([...contents('s').keys()]).toEqual(['first']);
});

it.each([10, BLOB_FILE_BYTES_MIN])('a blob of %i bytes can be read before and after it is written', (bytes) => {
  const blob = new Uint8Array(bytes).fill(7);
  store.blobs.put('lambda/code', blob);
  expect(Buffer.from(store.blobs.get('lambda/code')).equals(blob)).toBe(true);

  reopen();

  expect(Buffer.from(store.blobs.get('lambda/code')).equals(blob)).toBe(true);
  store.blobs.delete('lambda/code');
  expect(() => store.blobs.get('lambda/code')).toThrow('no blob');
  reopen();
  expect(() => store.blobs.get('lambda/code')).toThrow('no blob');
});

it('a large blob that becomes small, and the other way round, leaves no file behind', () => {
  const large = new Uint8Array(BLOB_FILE_BYTES_MIN).fill(1);
  const small = new Uint8Array(3).fill(2);
  const files = (): string[] =>
    readdirSync(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  store.blobs.put('a', large);
  store.blobs.put('b', small);
  store.flush();
  store.blobs.put('a', small);
  store.blobs.put('b', large);
  reopen();

  expect([...store.blobs.get('a')]).toEqual([...small]);
  expect(store.blobs.get('b').length).toBe(BLOB_FILE_BYTES_MIN);
  expect(files()).toEqual([expect.stringMatching(/^b\.[0-9a-f]{8}$/)]);
});

it('a second process is refused with a clear sentence', () => {
  expect(() => new LogStore(directory)).toThrow(`is in use by process ${process.pid}`);
});

it('a directory of another format is refused with a clear sentence', () => {
  const other = join(directory, 'other');
  new LogStore(other).close();
  writeFileSync(join(other, 'format'), '7\n');
  rmSync(join(other, 'log-1'));
  expect(() => new LogStore(other)).toThrow(/has format 7, this version reads 3/);
  rmSync(join(other, 'format'));
  writeFileSync(join(other, 'holdfast.db'), '');
  expect(() => new LogStore(other)).toThrow(/has format 1/);
});

it('clear forgets everything', () => {
  store.collection<number>('x').put('k', 1);
  store.blobs.put('b', new Uint8Array(BLOB_FILE_BYTES_MIN));
  store.clear();
  expect(contents('x').size).toBe(0);
  store.collection<number>('x').put('l', 2);
  reopen();
  expect([...contents('x')]).toEqual([['l', 2]]);
  expect(() => store.blobs.get('b')).toThrow();
});

it('a log whose values come and go stays small', async () => {
  reopen(50_000);
  const rows = store.collection<string>('s');
  rows.put('settings', 'old, and never written again');
  const value = 'x'.repeat(100);
  for (let turn = 0; turn < 2_000; turn++) {
    for (let row = 0; row < 10; row++) rows.put(`${turn}/${row}`, value);
    if (turn >= 20) for (let row = 0; row < 10; row++) rows.delete(`${turn - 20}/${row}`);
    await store.durable();
  }
  for (let waits = 0; segments().length > 5 && waits < 100; waits++) {
    rows.put('settings', 'old, and never written again');
    await sleep(20);
  }
  expect(segments().length).toBeLessThanOrEqual(5);
  expect(contents('s').size).toBe(201);
  expect(rows.get('settings')).toBe('old, and never written again');
  reopen(50_000);
  expect(contents('s').size).toBe(201);
});

it('space is also won back when nothing more is written', async () => {
  const logBytes = (): number =>
    segments().reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  const rows = store.collection<string>('s');
  const value = 'x'.repeat(100_000);
  for (let turn = 0; turn < 120; turn++) {
    rows.put(String(turn % 7), value + turn);
    await store.durable();
  }
  expect(logBytes()).toBeGreaterThan(10_000_000);
  for (let waits = 0; logBytes() > 1_000_000 && waits < 100; waits++) await sleep(50);
  expect(logBytes()).toBeLessThan(1_000_000);
  expect(contents('s').size).toBe(7);
});

it('what a process leaves behind at any moment has everything that was told to be safe', async () => {
  const random = seededRandom(1);
  const live = join(directory, 'live');
  const writer = new LogStore(live, { ...OPTIONS, segmentBytes: 20_000 });
  const collections = ['s.a', 's.b'].map((name) => ({
    name,
    rows: writer.collection<string>(name),
    expected: new Map<string, string>(),
  }));
  for (let turn = 0; turn < 600; turn++) {
    const changes = random.nextInt(turn % 50 < 25 ? 300 : 3);
    for (let change = 0; change < changes; change++) {
      const { rows, expected } = collections[random.nextInt(2)] as (typeof collections)[number];
      const key = String(random.nextInt(2_000));
      if (random.nextInt(3) === 0) {
        rows.delete(key);
        expected.delete(key);
      } else {
        const value = `${key} of turn ${turn} ${random.nextInt(5) === 0 ? 'ü' : ''}`;
        rows.put(key, value);
        expected.set(key, value);
      }
    }
    await writer.durable();
    for (const { rows, expected } of collections) {
      const key = String(random.nextInt(2_000));
      expect(rows.get(key)).toBe(expected.get(key));
    }
    if (random.nextInt(10) > 0) continue;
    const left = join(directory, `left-${turn}`);
    cpSync(live, left, { recursive: true });
    const found = new LogStore(left, { ...OPTIONS, segmentBytes: 20_000 });
    for (const { name, expected } of collections) {
      expect(new Map(found.collection(name).entries())).toEqual(new Map([...expected].sort()));
    }
    found.close();
  }
  writer.close();
});
