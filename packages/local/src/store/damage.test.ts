import { hash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@holdfast/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BLOB_FILE_BYTES_MIN } from './blob-files.ts';
import { LogStore } from './log-store.ts';
import { StoreError } from './store-error.ts';

const ROWS = 400;
const OPTIONS = { segmentBytes: 20_000, reserveBytes: 1_024, fsync: 'never' } as const;

let root: string;
/** As a killed process left it, and as one that was closed. */
let killed: string;
let closed: string;
let directory: string;
let notes: string[];
let copies = 0;

const open = (): LogStore => new LogStore(directory, { ...OPTIONS, note: (text) => notes.push(text) });

const names = (): string[] =>
  readdirSync(directory)
    .filter((name) => name.startsWith('log-'))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));

/** What is on the disk, except for what opening leaves there. */
const contentsOf = (): Map<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'lock-journal')
      .map((entry) => {
        const file = join(entry.parentPath, entry.name);
        return [file, hash('md5', readFileSync(file))];
      }),
  );

const start = (from: string): void => {
  directory = join(root, `case-${copies++}`);
  cpSync(from, directory, { recursive: true });
  notes = [];
};

/** Opens the directory, expects to be refused with that sentence, and that nothing on the disk is another than before. */
const expectRefused = (sentence: RegExp): void => {
  const before = contentsOf();
  let refusal: unknown;
  try {
    open().close();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(StoreError);
  const { message, path, byte } = refusal as StoreError;
  expect(message).toMatch(sentence);
  expect(message).toContain(`${path}, byte ${byte}: `);
  expect(contentsOf()).toEqual(before);
};

const flipBit = (file: string, at: number, bit: number): void => {
  const bytes = readFileSync(file);
  bytes.writeUInt8((bytes[at] as number) ^ (1 << bit), at);
  writeFileSync(file, bytes);
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-damage-'));
  killed = join(root, 'killed');
  closed = join(root, 'closed');
  const store = new LogStore(closed, OPTIONS);
  for (let row = 0; row < ROWS; row++) {
    store.collection<string>('rows').put(String(row), `value ${row} ${'x'.repeat(150)}`);
    await store.durable();
  }
  store.blobs.put('s3-object', Buffer.alloc(BLOB_FILE_BYTES_MIN, 'blob'));
  await store.durable();
  cpSync(closed, killed, { recursive: true });
  store.close();
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('a damaged log', () => {
  beforeEach(() => start(killed));

  it('there are several segments to damage', () => {
    expect(names().length).toBeGreaterThan(3);
  });

  it('a flipped bit anywhere in any segment is never mended in silence: the store refuses to start, and changes nothing', () => {
    const random = seededRandom(1);
    for (const name of names()) {
      for (let flips = 0; flips < 25; flips++) {
        start(killed);
        const file = join(directory, name);
        const at = random.nextInt(readFileSync(file).length);
        flipBit(file, at, random.nextInt(8));
        expectRefused(new RegExp(`/${name}, byte`));
      }
    }
  });

  it.each([
    ['first', 0],
    ['middle', 1],
    ['last', -1],
  ])('the %s segment removed or emptied is not taken for a shorter log', (_, position) => {
    for (const harm of [(file: string) => rmSync(file), (file: string) => truncateSync(file, 0)]) {
      start(killed);
      const name = names().at(position) as string;
      harm(join(directory, name));
      expectRefused(new RegExp(`/${name}, byte 0: (the segment is missing|is empty)`));
    }
  });

  it('all segments removed, or the manifest as well, is no empty engine', () => {
    for (const name of names()) rmSync(join(directory, name));
    expectRefused(/log-1, byte 0: the segment is missing/);
    rmSync(join(directory, 'manifest'));
    expectRefused(/manifest, byte 0: is missing/);
  });

  it('a segment that ends too early in the middle of the log is a hole in the numbers', () => {
    const [first = '', second = ''] = names();
    const bytes = readFileSync(join(directory, first));
    const lastRecordAt = bytes.lastIndexOf('rows ') - 29;
    truncateSync(join(directory, first), lastRecordAt);
    expectRefused(new RegExp(`/${second}, byte 0: begins with record`));
  });

  it('a record removed from within a segment is a hole in the numbers', () => {
    const file = join(directory, names().at(-1) as string);
    const bytes = readFileSync(file);
    const [second, third] = [1, 2].map((nth) => {
      let at = -1;
      for (let count = 0; count <= nth; count++) at = bytes.indexOf('\nrows ', at + 1);
      return at + 1 - 29;
    }) as [number, number];
    writeFileSync(file, Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]));
    expectRefused(/there is record \d+ where \d+ belongs/);
  });

  it('a segment of an unknown format, or under another number, is refused', () => {
    const [first = '', second = ''] = names();
    const file = join(directory, second);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.toString('latin1').replace('holdfast-log 3', 'holdfast-log 4'), 'latin1');
    expectRefused(/byte 0: does not begin as a segment does/);
    writeFileSync(file, readFileSync(join(directory, first)));
    expectRefused(/byte 0: says that it is segment 1/);
  });

  it('a damaged manifest is refused', () => {
    flipBit(join(directory, 'manifest'), 10, 2);
    expectRefused(/manifest, byte 0: is damaged/);
  });

  it('a record that the end of the process cut off is dropped, and one line says how many bytes that were', () => {
    const last = join(directory, names().at(-1) as string);
    const length = readFileSync(last).length;
    truncateSync(last, length - 3);
    const store = open();
    expect(notes).toEqual([expect.stringMatching(/log-\d+: \d+ bytes at its end, from byte \d+ on, were dropped/)]);
    store.close();
    notes = [];
    open().close();
    expect(notes).toEqual([]);
  });

  it('a log that was closed in peace has no torn end: whatever is missing from it is damage', () => {
    start(closed);
    const last = join(directory, names().at(-1) as string);
    truncateSync(last, readFileSync(last).length - 3);
    expectRefused(/byte \d+: the record there is damaged or not whole/);
    const bytes = readFileSync(last);
    truncateSync(last, bytes.lastIndexOf('blob-files ') - 29);
    expectRefused(/the log was closed with \d+ bytes here/);
  });

  it('a value that changes on the disk while the store is open is not given out', () => {
    const store = open();
    const rows = store.collection<string>('rows');
    const file = join(directory, names()[1] as string);
    const bytes = readFileSync(file);
    const at = bytes.indexOf('"value');
    const [, row = ''] = /value (\d+) /.exec(bytes.toString('latin1', at, at + 20)) ?? [];
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at + 12), Buffer.from('y'), bytes.subarray(at + 13)]));
    expect(() => rows.get(row)).toThrow(/log-2, byte \d+: the value there is not what was written/);
    store.close();
  });
});

describe('a damaged blob', () => {
  let file: string;

  beforeEach(() => {
    start(killed);
    const [name = ''] = readdirSync(join(directory, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.includes('.'),
    );
    file = join(directory, 'blobs', name);
  });

  it.each<[string, () => void]>([
    ['missing', () => rmSync(file)],
    ['damaged', () => truncateSync(file, 1_000)],
    ['damaged', () => truncateSync(file, 0)],
  ])('that is %s is told of at start, and reading it is an error that names it', (what, harm) => {
    harm();
    const store = open();
    expect(notes).toEqual([expect.stringContaining(`the bytes of s3-object are ${what}: ${file}`)]);
    expect(() => store.blobs.get('s3-object')).toThrow(`the bytes of s3-object are ${what}`);
    store.close();
  });

  it('of the right length with a flipped bit is not given out', () => {
    flipBit(file, 30_000, 3);
    const store = open();
    expect(() => store.blobs.get('s3-object')).toThrow('the bytes of s3-object are damaged');
    store.close();
  });

  it('a file that no row names is removed at start', () => {
    writeFileSync(`${file.slice(0, -8)}00000000`, 'left by a process that ended in between');
    open().close();
    expect(readdirSync(join(directory, 'blobs'), { recursive: true }).length).toBe(2);
  });
});
