import { InvalidInputError } from '@holdfast/kernel';
import { TIME_MAX } from './drivers.ts';
import type { ClockMode, Isolation } from './runtime/index.ts';
import type { StandingClockMode } from './standing-clock/index.ts';
import type { FsyncMode } from './store/index.ts';

/** How `LocalEngine.start` starts an engine; all of it may be left out. */
export interface LocalEngineOptions {
  /** Where state lives; without it state ends with the process. */
  readonly dataDir?: string | undefined;
  /** @defaultValue 4566; 0 takes any free port */
  readonly port?: number | undefined;
  /** @defaultValue 127.0.0.1 */
  readonly host?: string | undefined;
  /** Twelve digits. @defaultValue 000000000000 */
  readonly account?: string | undefined;
  /** @defaultValue us-east-1 */
  readonly region?: string | undefined;
  /** Mode to start in. @defaultValue the stored one, else live */
  readonly clock?: ClockMode | undefined;
  /** Where time begins when none is stored; in live mode not before the machine's own. @defaultValue the machine's time */
  readonly startAt?: Date | undefined;
  /** Origins of web pages that may call, besides those of this machine. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Names under which clients reach the engine, besides those of this machine; `*.example.com` for all below. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Makes ids, jitter and, in virtual time, the order of handlers repeatable. */
  readonly seed?: number | undefined;
  /** When the disk must have what was written; the operating system always has it. @defaultValue everysec */
  readonly fsync?: FsyncMode | undefined;
  /**
   * What Node.js functions run in: threads, which live in virtual time, or processes of their own, which live in real
   * time and whose faults stay theirs. @defaultValue thread
   */
  readonly isolation?: Isolation | undefined;
  /** Told, once each, what is accepted, kept and given back, and has no effect here. @defaultValue nobody is */
  readonly note?: ((text: string) => void) | undefined;
  /**
   * What becomes of a caller (a long poll, a synchronous invocation, a waiter) who waits while virtual time stands still
   * and nothing moves any more: `tell` has it wait on, for somebody may advance the clock, and notes it; `fail` answers
   * `ClockStandsStill` within a second, with the advance that would end the wait. @defaultValue tell
   */
  readonly standingClock?: StandingClockMode | undefined;
  /** Account concurrency of Lambda. @defaultValue 1,000, AWS's default quota */
  readonly accountConcurrency?: number | undefined;
  /** Rules on one event bus. @defaultValue 300, AWS's default quota */
  readonly rulesPerBus?: number | undefined;
}

const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

/** @throws InvalidInputError when an option would be taken and mean nothing */
export const checkOptions = ({ account, startAt, region, seed, standingClock }: LocalEngineOptions): void => {
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new InvalidInputError('account', account, 'must be twelve digits');
  }
  if (startAt !== undefined) {
    const ms = startAt instanceof Date ? startAt.getTime() : Number.NaN;
    if (Number.isNaN(ms)) throw new InvalidInputError('startAt', String(startAt), 'must be a date');
    if (ms < 0 || ms > TIME_MAX) {
      throw new InvalidInputError('startAt', startAt, `must be from 1970 to ${new Date(TIME_MAX).toISOString()}`);
    }
  }
  if (region !== undefined && !REGION.test(region)) {
    throw new InvalidInputError('region', region, "must be the name of a region, like 'eu-west-1'");
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new InvalidInputError('seed', seed, 'must be a whole number');
  }
  if (standingClock !== undefined && !['tell', 'fail'].includes(standingClock)) {
    throw new InvalidInputError('standingClock', standingClock, 'must be tell or fail');
  }
};

/** Where clients on this machine reach what listens on a host; who listens everywhere also listens on loopback. */
export const addressOf = (host = '127.0.0.1'): string => {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
