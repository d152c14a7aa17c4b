import { type Due, dueHeap } from './event-heap.ts';

/** Events that are held for something, by what they are held for. */
export class HeldEvents<For, Event extends Due> {
  readonly #heaps = new Map<For, ReturnType<typeof dueHeap<Event>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(heldFor: For): boolean {
    return this.#heaps.has(heldFor);
  }

  add(heldFor: For, event: Event): void {
    let heap = this.#heaps.get(heldFor);
    if (heap === undefined) {
      heap = dueHeap<Event>();
      this.#heaps.set(heldFor, heap);
    }
    heap.push(event);
    this.#size += 1;
  }

  /** The one that was due first. */
  take(heldFor: For): Event | undefined {
    const heap = this.#heaps.get(heldFor);
    const event = heap?.pop();
    if (event === undefined) return undefined;
    this.#size -= 1;
    if (heap?.size === 0) this.#heaps.delete(heldFor);
    return event;
  }
}
