import { seededRandom } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { KeyIndex } from './key-index.ts';
import { compareUtf8 } from './utf8-order.ts';

const walk = (index: KeyIndex): string[] => {
  const keys: string[] = [];
  for (const cursor = index.seek(); cursor.key !== undefined; cursor.advance()) keys.push(cursor.key);
  return keys;
};

describe('KeyIndex', () => {
  it('keeps what a sorted set keeps, whatever is added and deleted', () => {
    const random = seededRandom(42);
    const index = new KeyIndex();
    const model = new Set<string>();
    for (let step = 0; step < 20_000; step++) {
      const key = `k/${random.nextInt(3_000)}`;
      if (random.nextInt(3) === 0) {
        index.delete(key);
        model.delete(key);
      } else {
        index.add(key);
        model.add(key);
      }
    }

    expect(walk(index)).toEqual([...model].sort(compareUtf8));
    expect(index.size).toBe(model.size);
    expect(walk(new KeyIndex(model))).toEqual(walk(index));
  });

  it('orders keys by their UTF-8 bytes', () => {
    const keys = ['a', 'B', '\u{1f600}', '\uffee', 'é', 'a/', 'a!', ''];

    const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    expect(walk(new KeyIndex(keys))).toEqual(byBytes);
  });

  it('jumps behind a prefix without visiting its keys', () => {
    const index = new KeyIndex(Array.from({ length: 5_000 }, (_, n) => `a/${n}`).concat('b', 'a0', 'A'));

    const cursor = index.seek();
    cursor.advance();
    cursor.skipPrefix('a/');

    expect(cursor.key).toBe('a0');
  });

  it('takes a hundred thousand keys and pages through them quickly', () => {
    const random = seededRandom(1);
    const index = new KeyIndex();
    for (let count = 0; count < 100_000; count++) index.add(`uploads/${random.nextUint32()}`);

    let seeks = 0;
    for (let count = 0; count < 1_000; count++) {
      const from = `uploads/${random.nextUint32()}`;
      if (index.seek((key) => compareUtf8(key, from) < 0).key !== undefined) seeks += 1;
    }

    expect(seeks).toBeGreaterThan(990);
  });
});
