import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import type { FailureArrivals } from '../src/api.ts';
import { numberText, spanText, timeText } from './words.ts';

const HEIGHT = 160;

/** When failures came, by source. */
export const Arrivals = ({ arrivals }: { readonly arrivals: FailureArrivals }) => {
  const { from, roomMs, series } = arrivals;
  const [first] = series;
  if (first === undefined) return <Box>No failure has come</Box>;
  const times = first.counts.map((_, room) => new Date(Date.parse(from) + room * roomMs));
  const most = Math.max(...times.map((_, room) => series.reduce((sum, { counts }) => sum + (counts[room] ?? 0), 0)));
  // Within hours the time of day tells them apart, beyond that the day does.
  const words = (at: Date): string =>
    roomMs * times.length > 86_400_000
      ? timeText(at.toISOString()).slice(5, 16)
      : timeText(at.toISOString()).slice(11, 16);
  return (
    <BarChart
      stackedBars
      hideFilter
      height={HEIGHT}
      ariaLabel="Failures by time and source"
      ariaDescription={`${series.map(({ name }) => name).join(', ')}; each bar stands for ${spanText(roomMs)}`}
      xTitle={`UTC; each bar ${spanText(roomMs)}`}
      yTitle="Failures"
      xScaleType="categorical"
      yDomain={[0, Math.max(1, most)]}
      i18nStrings={{
        yTickFormatter: (value) => (Number.isInteger(value) ? numberText(value) : ''),
        detailPopoverDismissAriaLabel: 'Close',
        legendAriaLabel: 'Sources',
        chartAriaRoleDescription: 'bar chart',
        xAxisAriaRoleDescription: 'time',
        yAxisAriaRoleDescription: 'failures',
      }}
      series={series.map(({ name, counts }) => ({
        type: 'bar' as const,
        title: name,
        data: times.map((at, room) => ({ x: words(at), y: counts[room] ?? 0 })),
      }))}
    />
  );
};
