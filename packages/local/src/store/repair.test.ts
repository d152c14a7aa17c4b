import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@holdfast/kernel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BLOB_FILE_BYTES_MIN } from './blob-files.ts';
import { LogStore } from './log-store.ts';
import { repairDirectory } from './repair.ts';

const OPTIONS = { segmentBytes: 20_000, reserveBytes: 1_024, fsync: 'never', note: () => {} } as const;
const ROWS = 400;

let root: string;
let directory: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-repair-'));
  directory = join(root, 'data');
  const store = new LogStore(directory, OPTIONS);
  for (let row = 0; row < ROWS; row++) {
    store.collection<string>('sqs.messages').put(`q/${row}`, `value ${row} ${'x'.repeat(150)}`);
    await store.durable();
  }
  store.collection('sqs.queues').put('q', { name: 'orders' });
  store.blobs.put('s3-1', Buffer.alloc(BLOB_FILE_BYTES_MIN, 'blob'));
  store.collection('s3.objects').put('uploads/null/a/b.csv', { content: { segments: [{ blobId: 's3-1' }] } });
  store.close();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const segments = (): string[] => readdirSync(directory).filter((name) => name.startsWith('log-'));

const flip = (bytes: Buffer, at: number): void => {
  bytes.writeUInt8((bytes[at] as number) ^ 1, at);
};

const contents = (): Map<string, unknown> => {
  const store = new LogStore(directory, OPTIONS);
  const found = new Map(store.collection('sqs.messages').entries());
  store.close();
  return found;
};

it('a directory that is not damaged is left as it is', () => {
  const before = segments();
  expect(repairDirectory(directory)).toMatchObject({ asideDirectory: undefined, removed: [], missing: [], losses: [] });
  expect(segments()).toEqual(before);
  expect(contents().size).toBe(ROWS);
});

it('a flipped bit costs the one record that it is in, which is named, and all bytes are kept aside', () => {
  const file = join(directory, 'log-2');
  const bytes = readFileSync(file);
  const at = bytes.indexOf('xxx');
  flip(bytes, at);
  writeFileSync(file, bytes);

  const report = repairDirectory(directory);

  expect(report.removed).toEqual([{ file: 'log-2', from: expect.any(Number), bytes: expect.any(Number) }]);
  expect(report.losses).toEqual([
    { resource: 'queue orders', collection: 'sqs.messages', keys: [{ key: expect.any(String), left: 'nothing' }] },
  ]);
  const found = contents();
  expect(found.size).toBe(ROWS - 1);
  expect(found.has(report.losses[0]?.keys[0]?.key ?? '')).toBe(false);
  expect(readFileSync(join(report.asideDirectory ?? '', 'log-2')).equals(bytes)).toBe(true);
});

it('a missing segment costs what was in it, and an emptied one as well', () => {
  rmSync(join(directory, 'log-2'));
  truncateSync(join(directory, 'log-3'), 0);
  const { missing } = repairDirectory(directory);
  expect(missing).toEqual(
    expect.arrayContaining([
      'log-2 is missing, and whatever it said',
      'log-3 is empty, and whatever it said is missing',
      expect.stringMatching(/^log-4: \d+ records before record \d+ are missing$/),
    ]),
  );
  const found = contents();
  expect(found.size).toBeGreaterThan(100);
  expect(found.size).toBeLessThan(ROWS);
});

it('records missing from the end of a log that was closed in peace are told of', () => {
  const file = join(directory, segments().at(-1) as string);
  truncateSync(file, readFileSync(file).lastIndexOf('s3.objects ') - 29);
  expect(repairDirectory(directory).missing).toEqual([expect.stringMatching(/the last \d+ bytes are missing/)]);
  expect(contents().size).toBe(ROWS);
});

it('a missing manifest costs nothing', () => {
  rmSync(join(directory, 'manifest'));
  expect(repairDirectory(directory).missing).toEqual(['the manifest is missing or damaged']);
  expect(contents().size).toBe(ROWS);
});

it('a damaged blob is told of by the object that it is', () => {
  const [name = ''] = readdirSync(join(directory, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes('.'),
  );
  truncateSync(join(directory, 'blobs', name), 10);
  expect(repairDirectory(directory).blobs).toEqual([
    { resource: 'object s3://uploads/a/b.csv', fault: expect.stringContaining('are damaged') },
  ]);
});

it('whatever is damaged, what is repaired opens again, has no wrong value, and lacks only what it says', () => {
  const random = seededRandom(3);
  const sound = directory;
  for (let round = 0; round < 60; round++) {
    directory = join(root, `round-${round}`);
    cpSync(sound, directory, { recursive: true });
    for (let harms = random.nextInt(3); harms >= 0; harms--) {
      const file = join(directory, segments()[random.nextInt(segments().length)] as string);
      const bytes = readFileSync(file);
      const at = random.nextInt(bytes.length);
      bytes[at] = random.nextInt(256);
      if (random.nextInt(4) === 0) truncateSync(file, at);
      else writeFileSync(file, bytes);
    }
    const report = repairDirectory(directory);
    const found = contents();
    for (const [key, value] of found) {
      expect(value).toBe(`value ${key.split('/')[1]} ${'x'.repeat(150)}`);
    }
    if (report.asideDirectory === undefined) expect(found.size).toBe(ROWS);
    expect(repairDirectory(directory).asideDirectory).toBeUndefined();
  }
});

it('stored bytes whose row is lost are kept aside: the next start removes what no row names', () => {
  const file = join(directory, segments().at(-1) ?? '');
  const bytes = readFileSync(file);
  flip(bytes, bytes.indexOf('blob-files '));
  writeFileSync(file, bytes);

  const { asideDirectory = '' } = repairDirectory(directory);
  new LogStore(directory, OPTIONS).close();

  const kept = readdirSync(join(asideDirectory, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(kept).toEqual([Buffer.alloc(BLOB_FILE_BYTES_MIN, 'blob').toString()]);
});

it.each(['', 'abc\n', '2\n', '3'.repeat(400)])(
  'a damaged format file (%j) is refused with its name, and costs nothing when it is repaired',
  (text) => {
    writeFileSync(join(directory, 'format'), text);
    expect(() => new LogStore(directory, OPTIONS)).toThrow(/format, byte 0: is damaged.*holdfast repair/);
    const report = repairDirectory(directory);
    expect(report).toMatchObject({ removed: [], losses: [], blobs: [] });
    expect(report.missing).toEqual(['the file that says which format the directory has is missing or damaged']);
    expect(contents().size).toBe(ROWS);
  },
);

it('a directory whose format file is lost opens as it is, however many segments it has', () => {
  expect(segments().length).toBeGreaterThan(2);
  rmSync(join(directory, 'format'));
  expect(contents().size).toBe(ROWS);
});

it('a directory of a newer format is neither opened nor repaired', () => {
  for (const segment of segments()) {
    const file = join(directory, segment);
    writeFileSync(file, readFileSync(file, 'latin1').replace('holdfast-log 3', 'holdfast-log 4'), 'latin1');
  }
  writeFileSync(join(directory, 'format'), '4\n');
  expect(() => new LogStore(directory, OPTIONS)).toThrow(/has format 4, this version reads 3; use the version/);
  expect(() => repairDirectory(directory)).toThrow(/has format 4, this version reads 3; use the version/);
  expect(segments().length).toBeGreaterThan(2);
});

it('a stray file with the name of a late segment is kept aside, and nothing is said to be missing before it', () => {
  writeFileSync(join(directory, 'log-999999'), 'x');
  expect(() => new LogStore(directory, OPTIONS)).toThrow(/log-999999, byte 0/);
  const { asideDirectory = '', ...report } = repairDirectory(directory);
  expect(report).toMatchObject({ removed: [{ file: 'log-999999', from: 0, bytes: 1 }], missing: [], losses: [] });
  expect(readdirSync(asideDirectory)).toContain('log-999999');
  expect(contents().size).toBe(ROWS);
});

it('segments missing in a row are one sentence', () => {
  for (const number of [2, 3, 4]) rmSync(join(directory, `log-${number}`));
  expect(repairDirectory(directory).missing).toContain('log-2 to log-4 are missing, and whatever they said');
});

it('a repair that finds no room changes nothing, and says so', () => {
  rmSync(join(directory, 'log-2'));
  const before = readdirSync(directory).sort();
  const program =
    'const { repairDirectory } = await import(process.argv[1]); try { repairDirectory(process.argv[2]); } catch (error) { console.log(error.message); }';
  const { stdout } = spawnSync(
    '/bin/sh',
    ['-c', 'ulimit -f 30; exec "$@"', 'sh', process.execPath, '--disable-warning=ExperimentalWarning'].concat(
      '--input-type=module',
      '--eval',
      program,
      fileURLToPath(new URL('./repair.ts', import.meta.url)),
      directory,
    ),
    { encoding: 'utf8' },
  );
  expect(stdout).toBe(
    `data directory ${directory}: cannot be repaired, there is no room on its disk; nothing was changed\n`,
  );
  expect(readdirSync(directory).sort()).toEqual(before);
  repairDirectory(directory);
  expect(contents().size).toBeLessThan(ROWS);
});

it('a repair is refused while the directory is in use', () => {
  const store = new LogStore(directory, OPTIONS);
  expect(() => repairDirectory(directory)).toThrow(`is in use by process ${process.pid}`);
  store.close();
});
