import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { type Cron, nextCronRun, parseCron } from '../../core/index.ts';

/** A parsed schedule expression. */
export type Schedule =
  | { readonly kind: 'rate'; readonly periodMs: number }
  | { readonly kind: 'cron'; readonly cron: Cron };

const UNIT_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/**
 * Reads `rate(5 minutes)` or `cron(0 12 * * ? *)`; `undefined` when EventBridge would not take it. The unit is
 * singular exactly when the value is 1.
 */
export const parseSchedule = (expression: string): Schedule | undefined => {
  const rate = /^rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    const [, value, unit, plural] = rate as unknown as [string, string, string, string];
    if ((value === '1') !== (plural === '')) return undefined;
    return { kind: 'rate', periodMs: Number(value) * (UNIT_MS[unit] as number) };
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron === null) return undefined;
  const parsed = parseCron(cron[1] as string);
  return parsed === undefined ? undefined : { kind: 'cron', cron: parsed };
};

/**
 * When a schedule runs next, strictly after `after`. Rates count from `anchor` (creation or last enabling), so a run
 * that was late does not move those after it. `undefined` when there is no further run.
 */
export const nextRunAfter = (schedule: Schedule, anchor: EpochMs, after: EpochMs): EpochMs | undefined => {
  if (schedule.kind === 'cron') return nextCronRun(schedule.cron, after);
  const periods = Math.max(1, Math.floor((after - anchor) / schedule.periodMs) + 1);
  return anchor + periods * schedule.periodMs;
};
