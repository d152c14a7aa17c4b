import { expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { FifoOrder } from './fifo-order.ts';
import { DELAYED, GONE, IN_FLIGHT, Message, VISIBLE } from './message.ts';

/** A FIFO queue's order that looks at three messages only, with messages named by group and number. */
class SmallWindow {
  readonly #arrivals = new Arrivals();
  readonly #order = new FifoOrder(3);
  readonly #messages = new Map<string, Message>();
  readonly #names = new Map<Message, string>();
  #sequence = 0;

  arrive(...names: string[]): void {
    for (const name of names) {
      const message = new Message(++this.#sequence, 0, 0, 0, 0, 0, 0, 0);
      this.#messages.set(name, message);
      this.#names.set(message, name);
      this.#arrivals.add(message);
      this.#order.arrived(message, name.charAt(0));
      message.state = VISIBLE;
      this.#order.shown(message, DELAYED);
    }
  }

  take(max = 10): string[] {
    const taken: string[] = [];
    while (taken.length < max) {
      const message = this.#order.take();
      if (message === undefined) break;
      message.state = IN_FLIGHT;
      this.#order.hidden(message);
      taken.push(this.#names.get(message) as string);
    }
    this.#order.taken();
    return taken;
  }

  remove(...names: string[]): void {
    for (const name of names) {
      const message = this.#messages.get(name) as Message;
      const from = message.state;
      message.state = GONE;
      this.#order.removed(message, from);
      this.#arrivals.remove(message);
    }
  }

  get hasReceivable(): boolean {
    return this.#order.hasReceivable;
  }
}

it('a group behind a backlog of a blocked group waits until the backlog is worked off', () => {
  const queue = new SmallWindow();
  queue.arrive('a1', 'a2', 'a3', 'b1', 'c1');
  expect(queue.take(1)).toEqual(['a1']);
  expect(queue.hasReceivable).toBe(false);
  expect(queue.take()).toEqual([]);
  queue.remove('a1');
  expect(queue.take()).toEqual(['a2', 'a3', 'b1']);
  queue.remove('b1');
  expect(queue.take()).toEqual(['c1']);
});

it('messages of a group are given only as far as they are examined', () => {
  const queue = new SmallWindow();
  queue.arrive('a1', 'a2', 'a3', 'a4', 'b1');
  expect(queue.take()).toEqual(['a1', 'a2', 'a3']);
  queue.remove('a1', 'a2', 'a3');
  expect(queue.take()).toEqual(['b1', 'a4']);
});

it('what leaves from behind the examined messages changes nothing', () => {
  const queue = new SmallWindow();
  queue.arrive('a1', 'a2', 'a3', 'b1', 'c1');
  expect(queue.take(1)).toEqual(['a1']);
  queue.remove('b1');
  expect(queue.take()).toEqual([]);
  queue.remove('a3');
  expect(queue.take()).toEqual(['c1']);
});

it('an emptied queue looks at new messages again', () => {
  const queue = new SmallWindow();
  queue.arrive('a1', 'b1');
  queue.remove('b1', 'a1');
  expect(queue.hasReceivable).toBe(false);
  queue.arrive('a2', 'a3', 'b2', 'c1');
  expect(queue.take()).toEqual(['a2', 'a3', 'b2']);
});
