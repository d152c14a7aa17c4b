import type { Lab } from './lab.ts';

/** A version of the schema of orders. */
export type SchemaVersion = 1 | 2;

/** Requests under way at once; a client of a shop has one. */
const LANES = 10;

const orderOf = (orderId: string, version: SchemaVersion, amount: number): object =>
  version === 1
    ? { orderId, amount }
    : { schemaVersion: 2, orderId, amount, currency: 'EUR', items: [{ sku: 'SKU-1', quantity: 1 }] };

/** An order that a client still has. */
interface Pending {
  readonly id: string;
  readonly version: SchemaVersion;
  readonly amount: number;
  readonly refusals: number;
  /** Not before this round of posts. */
  readonly round: number;
}

/** Clients that are refused wait twice as long each time, up to so many rounds. */
const WAIT_ROUNDS_MAX = 16;

/** Clients of the API. What is not taken they post again, as long as it takes. */
export class Traffic {
  /** Versions of what was accepted, by event id. */
  readonly accepted = new Map<string, SchemaVersion>();
  /** Answers by status. */
  readonly answers = new Map<number, number>();
  readonly #lab: Lab;
  readonly #run: string;
  #count = 0;
  #rounds = 0;
  #again: Pending[] = [];

  /** @param run - begins the id of every event */
  constructor(lab: Lab, run: string) {
    this.#lab = lab;
    this.#run = run;
  }

  /** Orders that are still to be taken. */
  get pending(): number {
    return this.#again.length;
  }

  /** Posts new orders, versions in turn, and what is to be posted again. Every fifth client is unsure and posts twice. */
  async post(count: number, versions: readonly SchemaVersion[]): Promise<void> {
    const round = ++this.#rounds;
    const due = this.#again.filter((order) => order.round <= round);
    this.#again = this.#again.filter((order) => order.round > round);
    const orders = Array.from({ length: count }, (): Pending => {
      const number = ++this.#count;
      const version = versions[number % versions.length] as SchemaVersion;
      const order = { id: `${this.#run}-${number}`, version, amount: number, refusals: 0, round };
      if (number % 5 === 0) this.#again.push({ ...order, round: round + 1 });
      return order;
    });
    const queue = [...due, ...orders].values();
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        for (const order of queue) {
          const response = await fetch(`${this.#lab.apiUrl}/events`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-correlation-id': order.id },
            body: JSON.stringify(orderOf(order.id, order.version, order.amount)),
          });
          await response.arrayBuffer();
          this.answers.set(response.status, (this.answers.get(response.status) ?? 0) + 1);
          if (response.status === 202) this.accepted.set(order.id, order.version);
          else {
            const refusals = order.refusals + 1;
            this.#again.push({ ...order, refusals, round: round + Math.min(2 ** refusals, WAIT_ROUNDS_MAX) });
          }
        }
      }),
    );
  }
}
