import type { Explanation } from '../src/api.ts';
import { timeText } from './words.ts';

const WIDTH = 1_000;
const MARGIN = 50;
/** Moments closer than their words are wide stand beside each other, in their order. */
const SPACE = 90;

const SHAPES: Readonly<Record<string, string>> = { error: '✕', timeout: '◷', throttle: '▲', redriven: '↩', gone: '○' };

/** Places on the axis: by time, but never nearer to each other than their words need. */
const placesOf = (times: readonly number[]): readonly number[] => {
  const first = times[0] ?? 0;
  const length = Math.max(1, (times.at(-1) ?? 0) - first);
  const space = Math.min(SPACE, (WIDTH - 2 * MARGIN) / Math.max(1, times.length - 1));
  const places: number[] = [];
  for (const [index, time] of times.entries()) {
    const wanted = MARGIN + ((time - first) / length) * (WIDTH - 2 * MARGIN);
    const least = (places[index - 1] ?? Number.NEGATIVE_INFINITY) + space;
    // Those after it need their room too.
    const most = WIDTH - MARGIN - (times.length - 1 - index) * space;
    places.push(Math.min(Math.max(wanted, least), most));
  }
  return places;
};

/** Everything that happened to one event, on one axis of time; the table below it says the same in words. */
export const Axis = ({ moments }: { readonly moments: Explanation['moments'] }) => {
  const places = placesOf(moments.map(({ at }) => Date.parse(at)));
  const label = `${moments.length} moments from ${timeText(moments[0]?.at)} to ${timeText(moments.at(-1)?.at)}`;
  return (
    <svg viewBox={`0 0 ${WIDTH} 70`} role="img" aria-label={label}>
      <line x1={MARGIN} x2={WIDTH - MARGIN} y1="20" y2="20" stroke="currentColor" strokeOpacity="0.4" />
      {moments.map(({ at, kind }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: moments of the same time and kind differ by their place
        <g key={`${at} ${kind} ${index}`} textAnchor="middle" fill="currentColor">
          <title>{`${timeText(at)} ${kind}`}</title>
          <text x={places[index]} y="27" fontSize="20">
            {SHAPES[kind] ?? '●'}
          </text>
          <text x={places[index]} y="48" fontSize="13">
            {kind}
          </text>
          <text x={places[index]} y="64" fontSize="11">
            {timeText(at).slice(5)}
          </text>
        </g>
      ))}
    </svg>
  );
};
