import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IndexedHeap } from './indexed-heap.ts';

interface Item {
  key: number;
  position: number;
}

const newHeap = () =>
  new IndexedHeap<Item>(
    (a, b) => a.key < b.key,
    (item, position) => {
      item.position = position;
    },
    (item) => item.position,
  );

it('whatever is pushed, moved and removed, the smallest key comes first', () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'pop', 'remove', 'move'), key: fc.nat(50), pick: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const heap = newHeap();
      const model: Item[] = [];
      for (const { kind, key, pick } of steps) {
        const item = model[pick % Math.max(1, model.length)];
        if (kind === 'push') {
          const added = { key, position: -1 };
          heap.push(added);
          model.push(added);
        } else if (kind === 'pop') {
          const popped = heap.pop();
          if (popped !== undefined) {
            expect(popped.key).toBe(Math.min(...model.map((other) => other.key)));
            expect(popped.position).toBe(-1);
            model.splice(model.indexOf(popped), 1);
          }
        } else if (item !== undefined && kind === 'remove') {
          heap.remove(item);
          heap.remove(item);
          expect(heap.has(item)).toBe(false);
          model.splice(model.indexOf(item), 1);
        } else if (item !== undefined) {
          item.key = key;
          heap.moved(item);
        }
        const keys = model.map((other) => other.key).sort((a, b) => a - b);
        expect(heap.size).toBe(keys.length);
        expect(heap.peek()?.key).toBe(keys[0]);
        expect(heap.peekSecond()?.key).toBe(keys[1]);
      }
    }),
  );
});
