import { CLOCK_MODE, CLOCK_VALUE, MODE_VIRTUAL } from '../protocol.ts';

/** The engine's clock, as this thread reads it, and what only we may know of the machine's. */
export interface EngineClock {
  readonly now: () => number;
  readonly realNow: () => number;
  readonly isVirtual: () => boolean;
  /** As `toISOString` of a `Date`, of which the function may have made something else. */
  readonly nowText: () => string;
}

/** Puts the engine's time where the function reads the machine's: `Date`, `performance.now`, `process.hrtime`. */
export const installClock = (shared: SharedArrayBuffer): EngineClock => {
  const slots = new Float64Array(shared);
  const RealDate = Date;
  const realNow = Date.now;
  const { toISOString } = RealDate.prototype;
  const isVirtual = (): boolean => slots[CLOCK_MODE] === MODE_VIRTUAL;
  const now = (): number => (isVirtual() ? 0 : realNow()) + (slots[CLOCK_VALUE] as number);

  function EngineDate(this: unknown, ...parts: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  }
  EngineDate.prototype = RealDate.prototype;
  Object.defineProperty(EngineDate, 'name', { value: 'Date' });
  RealDate.prototype.constructor = EngineDate;
  Object.assign(EngineDate, { now, parse: RealDate.parse, UTC: RealDate.UTC });
  globalThis.Date = EngineDate as unknown as DateConstructor;

  const bornAt = now();
  performance.now = () => now() - bornAt;
  const hrtime = (previous?: [number, number]): [number, number] => {
    const elapsedMs = now() - bornAt;
    const seconds = Math.floor(elapsedMs / 1000);
    const nanos = Math.round((elapsedMs % 1000) * 1e6);
    if (previous === undefined) return [seconds, nanos];
    const difference = seconds * 1e9 + nanos - (previous[0] * 1e9 + previous[1]);
    return [Math.floor(difference / 1e9), difference % 1e9];
  };
  hrtime.bigint = () => BigInt(Math.round((now() - bornAt) * 1e6));
  process.hrtime = hrtime as typeof process.hrtime;

  return { now, realNow, isVirtual, nowText: () => toISOString.call(new RealDate(now())) };
};
