import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOB_FILE_BYTES_MIN, SqliteStore } from './sqlite-store.ts';

describe('SqliteStore', () => {
  let directory: string;
  let store: SqliteStore;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
    store = new SqliteStore(directory);
  });

  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const reopen = (): void => {
    store.close();
    store = new SqliteStore(directory);
  };

  test('what was written is there after opening the directory again', () => {
    const queues = store.collection<{ url: string }>('sqs.queues');
    queues.put('a', { url: '1' });
    queues.put('b', { url: '2' });
    queues.delete('a');

    reopen();

    expect([...store.collection('sqs.queues').entries()]).toEqual([['b', { url: '2' }]]);
  });

  test('all writes of one turn share a commit, and durable() tells when', async () => {
    const numbers = store.collection<number>('test.numbers');
    expect(store.durable()).toBeUndefined();
    numbers.put('one', 1);
    const first = store.durable();
    numbers.put('two', 2);

    expect(store.durable()).toBe(first);
    await first;
    expect(store.durable()).toBeUndefined();
  });

  test.each([10, BLOB_FILE_BYTES_MIN])('a blob of %i bytes can be read before and after its commit', (bytes) => {
    const blob = new Uint8Array(bytes).fill(7);
    store.blobs.put('lambda/code', blob);
    expect(Buffer.from(store.blobs.get('lambda/code')).equals(blob)).toBe(true);

    reopen();

    expect(Buffer.from(store.blobs.get('lambda/code')).equals(blob)).toBe(true);
    store.blobs.delete('lambda/code');
    expect(() => store.blobs.get('lambda/code')).toThrow('no blob');
  });

  test('a second process is refused with a clear sentence', () => {
    store.collection<number>('x').put('k', 1);
    store.flush();
    expect(() => new SqliteStore(directory)).toThrow(/in use by another process/);
  });

  test('clear forgets everything', () => {
    store.collection<number>('x').put('k', 1);
    store.blobs.put('b', new Uint8Array(BLOB_FILE_BYTES_MIN));
    store.clear();
    reopen();
    expect([...store.collection('x').entries()]).toEqual([]);
    expect(() => store.blobs.get('b')).toThrow();
  });
});
