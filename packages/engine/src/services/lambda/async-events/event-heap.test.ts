import { seededRandom } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { type Due, dueHeap } from './event-heap.ts';

describe('the heap of waiting events', () => {
  it('gives out the earliest first, and the first accepted among equals', () => {
    const heap = dueHeap<Due>();
    const random = seededRandom(3);
    const events = Array.from({ length: 2_000 }, (_, sequence) => ({ nextAttemptAt: random.nextInt(50), sequence }));
    for (const event of events) heap.push(event);

    const out: Due[] = [];
    for (let event = heap.pop(); event !== undefined; event = heap.pop()) out.push(event);

    expect(out).toEqual([...events].sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || a.sequence - b.sequence));
    expect(heap.size).toBe(0);
  });

  it('looks at no more than a few times log n events for each push and pop, also among 100,000', () => {
    let lookCount = 0;
    const random = seededRandom(4);
    const heap = dueHeap<Due>();
    const counted = (at: number, sequence: number): Due => ({
      get nextAttemptAt() {
        lookCount += 1;
        return at;
      },
      sequence,
    });
    const size = 100_000;

    for (let sequence = 0; sequence < size; sequence++) heap.push(counted(random.nextInt(1_000_000), sequence));
    while (heap.pop() !== undefined);

    expect(lookCount / (2 * size)).toBeLessThan(5 * Math.log2(size));
  });
});
