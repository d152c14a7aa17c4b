import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LogStore } from './log-store.ts';

/** A segment is read in parts of this size. */
const PART_BYTES = 512 * 1024;
const HEAD_BYTES = 29;
const OPTIONS = { reserveBytes: 1_024, fsync: 'never', note: () => {} } as const;

let root: string;
/** As a killed process left it. */
let killed: string;
/** Where each record begins, and where the last one ends. */
const places: number[] = [];

const fileIn = (directory: string): string => join(directory, 'log-1');

const copyOfKilled = (): string => {
  const directory = mkdtempSync(join(root, 'case-'));
  cpSync(killed, directory, { recursive: true });
  return directory;
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-large-'));
  const directory = join(root, 'written');
  killed = join(root, 'killed');
  const store = new LogStore(directory, OPTIONS);
  const rows = store.collection<string>('rows');
  const write = async (length: number): Promise<void> => {
    places.push(statSync(fileIn(directory)).size);
    rows.put(String(places.length).padStart(2, '0'), 'x'.repeat(length));
    await store.durable();
  };
  /** Head, collection, length and key, quotation marks, checksum and the end of the line. */
  const AROUND = HEAD_BYTES + 'rows 2 01""00000000\n'.length;
  const writeUpTo = (end: number): Promise<void> => write(end - statSync(fileIn(directory)).size - AROUND);
  for (let count = 0; count < 9; count++) await write(50_000);
  // One ends where a part does, one begins shortly before the end of a part, one is longer than a part.
  await writeUpTo(PART_BYTES);
  await writeUpTo(2 * PART_BYTES - 10);
  await write(30);
  await write(3 * PART_BYTES);
  for (let count = 0; count < 5; count++) await write(200_000);
  await writeUpTo(Math.ceil(statSync(fileIn(directory)).size / PART_BYTES) * PART_BYTES);
  places.push(statSync(fileIn(directory)).size);
  cpSync(directory, killed, { recursive: true });
  store.close();
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const keysIn = (directory: string): string[] => {
  const store = new LogStore(directory, OPTIONS);
  const keys = [...store.collection<string>('rows').entries()].map(([key]) => key);
  store.close();
  return keys;
};

const keysUpTo = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index + 1).padStart(2, '0'));

it('records of all sizes come back, wherever in the parts that are read they lie', () => {
  expect(places.at(-1)).toBeGreaterThan(5 * PART_BYTES);
  expect(places).toContain(PART_BYTES);
  expect(keysIn(copyOfKilled())).toEqual(keysUpTo(places.length - 1));
});

it.each([0, 7, 8, 20, HEAD_BYTES - 1, HEAD_BYTES, -1])(
  'a bit flipped at byte %i of any record is refused where the record begins',
  (offset) => {
    const directory = copyOfKilled();
    const file = fileIn(directory);
    const bytes = readFileSync(file);
    for (const [index, place] of places.slice(0, -1).entries()) {
      const at = offset < 0 ? (places[index + 1] as number) + offset : place + offset;
      bytes.writeUInt8((bytes[at] as number) ^ 1, at);
      writeFileSync(file, bytes);
      bytes.writeUInt8((bytes[at] as number) ^ 1, at);
      expect(() => new LogStore(directory, OPTIONS)).toThrow(`log-1, byte ${place}: the record there is damaged`);
    }
  },
);

it('of a log that was cut off anywhere, all whole records are there', () => {
  const directory = copyOfKilled();
  for (const [count, place] of places.entries()) {
    const next = places[count + 1] ?? place + 1;
    for (const cut of [place, place + 1, place + HEAD_BYTES, place + HEAD_BYTES + 100, next - 1]) {
      if (cut >= next) continue;
      copyFileSync(fileIn(killed), fileIn(directory));
      copyFileSync(join(killed, 'manifest'), join(directory, 'manifest'));
      truncateSync(fileIn(directory), cut);
      expect(keysIn(directory)).toEqual(keysUpTo(count));
    }
  }
});
