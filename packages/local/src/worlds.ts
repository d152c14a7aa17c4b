import { invariant, Turn } from '@holdfast/kernel';
import type { World } from './world.ts';

/** One world after the other: none while one makes way for the next, and never two. */
export class Worlds {
  readonly #create: () => World;
  readonly #turn = new Turn();
  #current: World | undefined;

  constructor(create: () => World) {
    this.#create = create;
  }

  /** None before the first begins, between two, and after the last. */
  get current(): World | undefined {
    return this.#current;
  }

  get alive(): World {
    invariant(this.#current !== undefined, 'the engine is used only between start and close');
    return this.#current;
  }

  /** Resolves when the next world is there, or the last one gone; `undefined` when nothing is under way. */
  get changing(): Promise<void> | undefined {
    return this.#turn.over;
  }

  /** The first one, once what it stands on has been made. */
  begin(prepare: () => Promise<void>): Promise<void> {
    return this.#turn.take(async () => {
      await prepare();
      this.#start();
    });
  }

  /** Ends the world, clears what it left, and has another in its place, also when that fails. */
  renew(clear: () => void): Promise<void> {
    return this.#turn.take(async () => {
      await this.#stop();
      try {
        clear();
      } finally {
        this.#start();
      }
    });
  }

  end(): Promise<void> {
    return this.#turn.take(() => this.#stop());
  }

  #start(): void {
    this.#current = this.#create();
    this.#current.start();
  }

  async #stop(): Promise<void> {
    const world = this.#current;
    this.#current = undefined;
    await world?.stop();
  }
}
