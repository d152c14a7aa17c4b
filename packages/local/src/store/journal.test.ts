import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@holdfast/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeLine, Journal } from './journal.ts';
import { SqliteStore } from './sqlite-store.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
  file = join(directory, 'journal-1');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const AWKWARD_KEY = 'key with 3 spaces\nand "ü€😀"';

test('a journal gives back what was appended, whatever the key holds', () => {
  const journal = new Journal(file);
  journal.append(changeLine('sqs.queues', AWKWARD_KEY, '{"a":"\\n ü"}') + changeLine('s', 'k', undefined));
  journal.append(changeLine('s', '', '1'));

  expect([...new Journal(file).read()]).toEqual([
    { collection: 'sqs.queues', key: AWKWARD_KEY, value: '{"a":"\\n ü"}' },
    { collection: 's', key: 'k', value: undefined },
    { collection: 's', key: '', value: '1' },
  ]);
});

test('a record that was cut off anywhere is not read, those before it are', () => {
  const journal = new Journal(file);
  journal.append(changeLine('s', 'first', '1'));
  const whole = journal.bytes;
  journal.append(changeLine('s', 'second', '2') + changeLine('s', 'third', '3'));
  for (let bytes = journal.bytes - 1; bytes >= whole; bytes--) {
    truncateSync(file, bytes);
    expect([...new Journal(file).read()].map(({ key }) => key)).toEqual(['first']);
  }
  appendFileSync(file, Buffer.alloc(40));
  expect([...new Journal(file).read()].map(({ key }) => key)).toEqual(['first']);
});

test('a store writes what it finds in journals into its database, the older first', () => {
  const second = new Journal(join(directory, 'journal-10'));
  second.append(changeLine('s', 'a', '"new"') + changeLine('s', 'b', undefined));
  const first = new Journal(join(directory, 'journal-9'));
  first.append(changeLine('s', 'a', '"old"') + changeLine('s', 'b', '1') + changeLine('s', 'c', '2'));
  const store = new SqliteStore(directory);

  expect([...store.collection('s').entries()]).toEqual([
    ['a', 'new'],
    ['c', 2],
  ]);
  store.close();
});

test('a full journal moves into the database while new changes come in, and nothing gets lost', async () => {
  const store = new SqliteStore(directory);
  const rows = store.collection<string>('s');
  const value = 'x'.repeat(100_000);
  const expected = new Map<string, string>();
  for (let turn = 0; turn < 80; turn++) {
    for (let row = 0; row < 10; row++) {
      const key = String((turn * 7 + row) % 600).padStart(3, '0');
      if (row === 9) {
        rows.delete(key);
        expected.delete(key);
      } else {
        rows.put(key, value + turn);
        expected.set(key, value + turn);
      }
    }
    await store.durable();
  }
  const inDatabase = readFileSync(join(directory, 'holdfast.db-wal')).length;
  expect(inDatabase).toBeGreaterThan(1_000_000);
  expect(new Map(rows.entries())).toEqual(expected);
  store.close();
});

test('what a process leaves behind at any moment has everything that was told to be safe', async () => {
  const random = seededRandom(1);
  const live = join(directory, 'live');
  const store = new SqliteStore(live, 20_000);
  const collections = ['s.a', 's.b'].map((name) => ({
    rows: store.collection<string>(name),
    expected: new Map<string, string>(),
  }));
  for (let turn = 0; turn < 400; turn++) {
    for (let change = random.nextInt(300); change >= 0; change--) {
      const { rows, expected } = collections[random.nextInt(2)] as (typeof collections)[number];
      const key = String(random.nextInt(2_000));
      if (random.nextInt(3) === 0) {
        rows.delete(key);
        expected.delete(key);
      } else {
        rows.put(key, `${key} of turn ${turn}`);
        expected.set(key, `${key} of turn ${turn}`);
      }
    }
    await store.durable();
    if (random.nextInt(10) > 0) continue;
    const left = join(directory, `left-${turn}`);
    cpSync(live, left, { recursive: true });
    const found = new SqliteStore(left);
    expect(new Map(found.collection('s.a').entries())).toEqual(collections[0]?.expected);
    expect(new Map(found.collection('s.b').entries())).toEqual(collections[1]?.expected);
    found.close();
  }
  store.close();
});
