import type { ThrottleReason } from '../errors.ts';
import type { FunctionRecord } from '../functions/function-record.ts';

/** What must stay unreserved of an account's concurrency. */
export const UNRESERVED_MIN = 100;

interface Pool {
  running: number;
  runningUnreserved: number;
  reservedTotal: number;
}

/** A place to run in; given back exactly once. */
export interface Slot {
  /** Of the function, this one included. */
  readonly runningOfFunction: number;
  /** Of the account in this region, this one included. */
  readonly runningOfAccount: number;
  readonly runningUnreserved: number;
  release(): void;
}

/**
 * Counts running environments per function and per account and region.
 *
 * A function with reserved concurrency has its places for itself and no others; all other functions share what the
 * account has left. Every question is O(1).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class ConcurrencyLedger {
  readonly #accountLimit: number;
  readonly #pools = new Map<string, Pool>();
  readonly #running = new Map<string, number>();

  constructor(accountLimit: number) {
    this.#accountLimit = accountLimit;
  }

  /** Takes a place, or names the limit that forbids it. */
  acquire(record: FunctionRecord): Slot | ThrottleReason {
    const pool = this.#pool(record.account, record.region);
    const running = this.#running.get(record.arn) ?? 0;
    const isReserved = record.reservedConcurrency !== undefined;
    if (record.reservedConcurrency !== undefined) {
      if (running >= record.reservedConcurrency) return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    } else if (pool.runningUnreserved >= this.#accountLimit - pool.reservedTotal) {
      return 'ConcurrentInvocationLimitExceeded';
    }
    this.#running.set(record.arn, running + 1);
    pool.running += 1;
    if (!isReserved) pool.runningUnreserved += 1;
    return {
      runningOfFunction: running + 1,
      runningOfAccount: pool.running,
      runningUnreserved: pool.runningUnreserved,
      release: () => {
        const left = (this.#running.get(record.arn) ?? 1) - 1;
        if (left === 0) this.#running.delete(record.arn);
        else this.#running.set(record.arn, left);
        pool.running -= 1;
        if (!isReserved) pool.runningUnreserved -= 1;
      },
    };
  }

  /** To be called when a function's reservation changes, its deletion included. */
  reserve(record: FunctionRecord, before: number | undefined, after: number | undefined): void {
    this.#pool(record.account, record.region).reservedTotal += (after ?? 0) - (before ?? 0);
  }

  /** What would stay unreserved when `record` had `reserved` places. */
  unreservedWith(record: FunctionRecord, reserved: number): number {
    return this.unreserved(record.account, record.region) + (record.reservedConcurrency ?? 0) - reserved;
  }

  unreserved(account: string, region: string): number {
    return this.#accountLimit - this.#pool(account, region).reservedTotal;
  }

  #pool(account: string, region: string): Pool {
    const key = `${account}/${region}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { running: 0, runningUnreserved: 0, reservedTotal: 0 };
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
