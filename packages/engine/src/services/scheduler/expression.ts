import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { type Cron, momentOf, nextCronRun, parseCron, wallClockAt } from '../../core/index.ts';

/** A parsed schedule expression of EventBridge Scheduler. */
export type Expression =
  /** Once, when clocks of the zone show this. */
  | { readonly kind: 'at'; readonly wallClockMs: number }
  | { readonly kind: 'rate'; readonly periodMs: number }
  | { readonly kind: 'cron'; readonly cron: Cron };

/** When a schedule may run at all, and from where rates count. */
export interface Bounds {
  readonly zone: string;
  readonly createdAt: EpochMs;
  /** Last change of the schedule, or its creation. */
  readonly modifiedAt: EpochMs;
  readonly startsAt: EpochMs | undefined;
  readonly endsAt: EpochMs | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

const parseAt = (text: string): Expression | undefined => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return undefined;
  const wallClockMs = Date.parse(`${text}Z`);
  // A day that a month does not have must not become one of the next.
  return Number.isNaN(wallClockMs) || new Date(wallClockMs).toISOString().slice(0, 19) !== text
    ? undefined
    : { kind: 'at', wallClockMs };
};

/**
 * Reads `at(2026-11-27T08:00:00)`, `rate(5 minutes)` or `cron(0 12 * * ? *)`; `undefined` when EventBridge Scheduler
 * would not take it.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const parseExpression = (text: string): Expression | undefined => {
  const [, kind, inside] = /^(at|rate|cron)\((.+)\)$/.exec(text) ?? [];
  if (inside === undefined) return undefined;
  if (kind === 'at') return parseAt(inside);
  if (kind === 'cron') {
    const cron = parseCron(inside);
    return cron === undefined ? undefined : { kind, cron };
  }
  const [, value, unit] = /^([1-9]\d{0,8}) (minute|hour|day)s?$/.exec(inside) ?? [];
  return unit === undefined ? undefined : { kind: 'rate', periodMs: Number(value) * (UNIT_MS[unit] as number) };
};

const nextCron = (cron: Cron, zone: string, after: EpochMs): EpochMs | undefined => {
  let shown: number | undefined = wallClockAt(zone, after);
  while (true) {
    shown = nextCronRun(cron, shown);
    if (shown === undefined) return undefined;
    const at = momentOf(zone, shown);
    // Left out in spring, or shown for the second time in autumn: neither runs.
    if (at !== undefined && at > after) return at;
  }
};

/** A one-time schedule whose time has passed, or falls into the hour that clocks leave out, runs as soon as it can. */
const nextAt = (wallClockMs: number, { zone, modifiedAt }: Bounds, after: EpochMs): EpochMs | undefined => {
  const at = momentOf(zone, wallClockMs) ?? momentOf(zone, wallClockMs + HOUR_MS) ?? wallClockMs;
  if (at > after) return at;
  return after < modifiedAt ? modifiedAt : undefined;
};

/** Rates count from the start date, or from creation, when they run for the first time. */
const nextRate = (periodMs: number, { startsAt, createdAt }: Bounds, after: EpochMs): EpochMs => {
  const anchor = startsAt ?? createdAt;
  return after < anchor ? anchor : anchor + (Math.floor((after - anchor) / periodMs) + 1) * periodMs;
};

/**
 * When a schedule runs next, strictly after `after`; `undefined` when it is over. Start and end dates do not bound
 * one-time schedules.
 */
export const nextOccurrence = (expression: Expression, bounds: Bounds, after: EpochMs): EpochMs | undefined => {
  if (expression.kind === 'at') return nextAt(expression.wallClockMs, bounds, after);
  const { zone, startsAt, endsAt } = bounds;
  const from = startsAt === undefined ? after : Math.max(after, startsAt - 1);
  const next =
    expression.kind === 'cron' ? nextCron(expression.cron, zone, from) : nextRate(expression.periodMs, bounds, from);
  return next === undefined || (endsAt !== undefined && next > endsAt) ? undefined : next;
};
