import { MINUTE_MS } from '@holdfast/kernel';
import { TokenBucket } from '../../../core/index.ts';
import type { ThrottleReason } from '../errors.ts';
import type { FunctionRecord } from '../functions/function-record.ts';

/** What must stay unreserved of an account's concurrency. */
export const UNRESERVED_MIN = 100;

/** New environments that one function may get at once, and per second from then on: 1,000 every ten seconds. */
export const SCALING_BURST = 1_000;
export const SCALING_PER_SECOND = 100;

/** Requests per second that each place of a concurrency limit stands for. */
export const REQUESTS_PER_PLACE = 10;

/** How long environments that are not needed are remembered: about as long as they stay warm. */
const WARM_MS = 10 * MINUTE_MS;

interface Pool {
  running: number;
  runningUnreserved: number;
  /** By reserved concurrency. */
  reservedTotal: number;
  /** By provisioned concurrency of functions that reserve none. */
  provisionedTotal: number;
  readonly requests: TokenBucket;
}

/** Environments of one version that are initialised ahead. */
interface Places {
  allocated: number;
  running: number;
}

/** What one function holds and uses of its account's concurrency. */
interface Share {
  running: number;
  runningProvisioned: number;
  /** Asked for, over all versions, whether initialised yet or not. */
  provisionedTotal: number;
  readonly places: Map<string, Places>;
  readonly requests: TokenBucket;
  readonly growth: TokenBucket;
  /** Most that ran on demand at once, in this stretch of {@link WARM_MS} and in the one before. */
  peak: number;
  peakBefore: number;
  peakSince: number;
}

/** A place to run in; given back exactly once. */
export interface Slot {
  /** Of the function, this one included. */
  readonly runningOfFunction: number;
  /** Of the account in this region, this one included. */
  readonly runningOfAccount: number;
  readonly runningUnreserved: number;
  /** In an environment that was initialised ahead; `running` counts this one. */
  readonly provisioned: { readonly running: number; readonly allocated: number } | undefined;
  /** On demand, because all environments that the version has ahead are taken. */
  readonly isSpillover: boolean;
  release(): void;
}

/**
 * Counts running environments per function and per account and region.
 *
 * A function with reserved concurrency has its places for itself and no others; all other functions share what the
 * account has left. Provisioned concurrency is taken out of the one or the other: it serves its version alone, and
 * what runs beyond it runs on demand in what remains. Every question is O(1).
 *
 * Beside these limits there are two of speed: how fast a function gets new environments, and how many requests per
 * second are let in.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
 */
export class ConcurrencyLedger {
  readonly #accountLimit: number;
  readonly #pools = new Map<string, Pool>();
  readonly #shares = new Map<string, Share>();

  constructor(accountLimit: number) {
    this.#accountLimit = accountLimit;
  }

  /**
   * Takes a place for a run of this version, or names the limit that forbids it. `isRequest`: somebody waits for the
   * answer; events that were accepted before are run as fast as there are places.
   */
  acquire(record: FunctionRecord, version: string, now: number, isRequest: boolean): Slot | ThrottleReason {
    const pool = this.#pool(record.account, record.region);
    const share = this.#share(record.arn);
    const places = share.places.get(version);
    const isProvisioned = places !== undefined && places.running < places.allocated;
    const isReserved = record.reservedConcurrency !== undefined;
    if (!isProvisioned) {
      if (record.reservedConcurrency !== undefined) {
        const onDemand = share.running - share.runningProvisioned;
        if (onDemand >= record.reservedConcurrency - share.provisionedTotal) {
          return 'ReservedFunctionConcurrentInvocationLimitExceeded';
        }
      } else if (pool.runningUnreserved >= this.#accountLimit - pool.reservedTotal - pool.provisionedTotal) {
        return 'ConcurrentInvocationLimitExceeded';
      }
    }
    if (isRequest) {
      const reason = this.#admit(share, pool, record.reservedConcurrency, now);
      if (reason !== undefined) return reason;
    }
    if (!isProvisioned && !mayGrow(share, now)) return 'ConcurrentInvocationLimitExceeded';
    const takesUnreserved = !isProvisioned && !isReserved;
    share.running += 1;
    pool.running += 1;
    if (takesUnreserved) pool.runningUnreserved += 1;
    if (isProvisioned) {
      share.runningProvisioned += 1;
      places.running += 1;
    }
    return {
      runningOfFunction: share.running,
      runningOfAccount: pool.running,
      runningUnreserved: pool.runningUnreserved,
      provisioned: isProvisioned ? { running: places.running, allocated: places.allocated } : undefined,
      isSpillover: !isProvisioned && places !== undefined && places.allocated > 0,
      release: () => {
        share.running -= 1;
        pool.running -= 1;
        if (takesUnreserved) pool.runningUnreserved -= 1;
        if (!isProvisioned) return;
        share.runningProvisioned -= 1;
        places.running -= 1;
      },
    };
  }

  /** Lets one more asynchronous event of a caller that is no AWS service in, or names the limit that forbids it. */
  admitEvent(record: FunctionRecord, now: number): ThrottleReason | undefined {
    return this.#admit(this.#share(record.arn), this.#pool(record.account, record.region), undefined, now);
  }

  #admit(share: Share, pool: Pool, reserved: number | undefined, now: number): ThrottleReason | undefined {
    const ofAccount = REQUESTS_PER_PLACE * this.#accountLimit;
    const ofFunction = reserved === undefined ? ofAccount : REQUESTS_PER_PLACE * reserved;
    if (!share.requests.take(now, ofFunction, ofFunction)) {
      return reserved === undefined
        ? 'FunctionInvocationRateLimitExceeded'
        : 'ReservedFunctionInvocationRateLimitExceeded';
    }
    return pool.requests.take(now, ofAccount, ofAccount) ? undefined : 'CallerRateLimitExceeded';
  }

  /** To be called when what a function reserves or provisions changes, its deletion included. */
  claim(record: FunctionRecord, change: () => void): void {
    this.#count(record, -1);
    change();
    this.#count(record, 1);
  }

  /** A function that was there when the process started. */
  restore(record: FunctionRecord): void {
    this.#count(record, 1);
  }

  /** How many environments of a version are initialised ahead from now on. */
  allocate(record: FunctionRecord, version: string, allocated: number): void {
    const { places } = this.#share(record.arn);
    const held = places.get(version);
    if (held !== undefined) held.allocated = allocated;
    else places.set(version, { allocated, running: 0 });
  }

  /** What functions may share when `record` has `claimed` places to itself. */
  unreservedWith(record: FunctionRecord, claimed: number): number {
    const { reservedTotal, provisionedTotal } = this.#pool(record.account, record.region);
    const now = record.reservedConcurrency ?? provisionedTotalOf(record);
    return this.#accountLimit - reservedTotal - provisionedTotal + now - claimed;
  }

  /** As the account's settings show it: without what functions reserve, whatever is provisioned. */
  unreserved(account: string, region: string): number {
    return this.#accountLimit - this.#pool(account, region).reservedTotal;
  }

  #count(record: FunctionRecord, sign: 1 | -1): void {
    const pool = this.#pool(record.account, record.region);
    const provisioned = provisionedTotalOf(record);
    if (record.reservedConcurrency !== undefined) pool.reservedTotal += sign * record.reservedConcurrency;
    else pool.provisionedTotal += sign * provisioned;
    this.#share(record.arn).provisionedTotal += sign * provisioned;
  }

  #share(functionArn: string): Share {
    let share = this.#shares.get(functionArn);
    if (share === undefined) {
      share = {
        running: 0,
        runningProvisioned: 0,
        provisionedTotal: 0,
        places: new Map(),
        requests: new TokenBucket(),
        growth: new TokenBucket(),
        peak: 0,
        peakBefore: 0,
        peakSince: 0,
      };
      this.#shares.set(functionArn, share);
    }
    return share;
  }

  #pool(account: string, region: string): Pool {
    const key = `${account}/${region}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { running: 0, runningUnreserved: 0, reservedTotal: 0, provisionedTotal: 0, requests: new TokenBucket() };
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

/** Whether one more run finds a warm environment or may have a new one. */
const mayGrow = (share: Share, now: number): boolean => {
  const stretches = Math.floor((now - share.peakSince) / WARM_MS);
  const running = share.running - share.runningProvisioned + 1;
  if (stretches > 0) {
    share.peakBefore = stretches === 1 ? share.peak : 0;
    share.peak = running - 1;
    share.peakSince += stretches * WARM_MS;
  }
  if (running > Math.max(share.peak, share.peakBefore)) {
    if (!share.growth.take(now, SCALING_PER_SECOND, SCALING_BURST)) return false;
  }
  share.peak = Math.max(share.peak, running);
  return true;
};

/** Provisioned concurrency that a function asks for, over all its versions and aliases. */
export const provisionedTotalOf = ({ provisioned = {} }: FunctionRecord): number =>
  Object.values(provisioned).reduce((total, { requested }) => total + requested, 0);
