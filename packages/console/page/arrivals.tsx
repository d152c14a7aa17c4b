import Box from '@cloudscape-design/components/box';
import type { FailureArrivals } from '../src/api.ts';
import { numberText, spanText, timeText } from './words.ts';

const WIDTH = 1_000;
const HEIGHT = 120;
const BASE = 98;

/** Told apart in light and dark, and by people who see colours differently; six series at most. */
const COLOURS = ['#0972d3', '#e07941', '#8456ce', '#2ea597', '#c33d69', '#7d8998'] as const;

/** When failures came, by source: bars stacked in rooms of time, and the same in words. */
export const Arrivals = ({ arrivals }: { readonly arrivals: FailureArrivals }) => {
  const { from, roomMs, series } = arrivals;
  const rooms = series[0]?.counts.length ?? 0;
  const times = Array.from({ length: rooms }, (_, room) =>
    timeText(new Date(Date.parse(from) + room * roomMs).toISOString()),
  );
  const totals = times.map((_, room) => series.reduce((sum, { counts }) => sum + (counts[room] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const width = WIDTH / Math.max(1, rooms);
  const peak = totals.indexOf(Math.max(...totals));
  const label = `From ${times[0]} UTC, ${spanText(roomMs)} a bar; most at ${times[peak]}: ${numberText(totals[peak] ?? 0)}`;
  return (
    <div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {times.map((time, room) => {
          let below = 0;
          return (
            <g key={time}>
              <title>
                {`${time}: ${series.map(({ name, counts }) => `${name} ${numberText(counts[room] ?? 0)}`).join(', ')}`}
              </title>
              {series.map(({ name, counts }, index) => {
                const height = ((counts[room] ?? 0) / most) * (BASE - 4);
                below += height;
                return (
                  <rect
                    key={name}
                    x={room * width + 2}
                    y={BASE - below}
                    width={width - 4}
                    height={height}
                    fill={COLOURS[index % COLOURS.length]}
                  />
                );
              })}
            </g>
          );
        })}
        <line x1="0" x2={WIDTH} y1={BASE} y2={BASE} stroke="currentColor" strokeOpacity="0.4" />
        <text x="0" y="115" fontSize="13" fill="currentColor">
          {times[0]}
        </text>
        <text x={WIDTH} y="115" fontSize="13" fill="currentColor" textAnchor="end">
          now (UTC), {spanText(roomMs)} a bar
        </text>
      </svg>
      <Box>
        {series.map(({ name, counts }, index) => (
          <span key={name}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="10" height="10" y="2" fill={COLOURS[index % COLOURS.length]} />
            </svg>{' '}
            {name}: {numberText(counts.reduce((sum, count) => sum + count, 0))}{' '}
          </span>
        ))}
      </Box>
    </div>
  );
};
