import type { IdSource } from '@holdfast/kernel';

/** Passes on the caller's trace, or begins an unsampled one: functions always see a root. */
export const traceHeaderFor = (given: string | undefined, ids: IdSource, now: number): string => {
  if (given !== undefined && /(^|;)\s*Root=/.test(given)) return given;
  const seconds = Math.floor(now / 1_000)
    .toString(16)
    .padStart(8, '0');
  const own = `Root=1-${seconds}-${ids.hex(24)};Parent=${ids.hex(16)};Sampled=0`;
  const lineage = /(?:^|;)\s*(Lineage=[^;]*)/.exec(given ?? '')?.[1];
  return lineage === undefined ? own : `${own};${lineage}`;
};
