import type { FailureArrivals } from './failure.ts';

/** The shortest that the oldest failure is in. */
const SPANS_MS = [1, 6, 24, 24 * 7, 24 * 15].map((hours) => hours * 3_600_000);
const ROOMS = 30;

/** Colours that people tell apart. */
const SERIES_MAX = 5;

/** Rooms of time, of the same length, up to the present. */
export interface Rooms {
  readonly fromMs: number;
  readonly roomMs: number;
  readonly rooms: number;
}

export const roomsOf = (nowMs: number, oldestMs: number): Rooms => {
  const spanMs = SPANS_MS.find((span) => nowMs - oldestMs < span) ?? SPANS_MS.at(-1) ?? 0;
  const roomMs = spanMs / ROOMS;
  return { fromMs: Math.floor(nowMs / roomMs) * roomMs - spanMs + roomMs, roomMs, rooms: ROOMS };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Sources with the most failures; what is beyond those that people tell apart is one. */
export const largestFirst = (counts: ReadonlyMap<string, readonly number[]>): FailureArrivals['series'] => {
  const series = [...counts]
    .map(([name, each]) => ({ name, counts: each }))
    .sort((a, b) => sum(b.counts) - sum(a.counts));
  const others = series.slice(SERIES_MAX);
  if (others.length === 0) return series;
  const ofOthers = Array.from({ length: ROOMS }, (_, room) => sum(others.map((one) => one.counts[room] ?? 0)));
  return [...series.slice(0, SERIES_MAX), { name: `${others.length} others`, counts: ofOthers }];
};
