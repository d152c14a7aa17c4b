import Box from '@cloudscape-design/components/box';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { Explanation } from '../src/api.ts';
import { Rows } from './rows.tsx';
import { timeText } from './words.ts';

type Span = Explanation['trace'][number];

const INDICATORS: Readonly<Record<Span['state'], StatusIndicatorProps.Type>> = {
  ok: 'success',
  error: 'warning',
  throttle: 'warning',
  fault: 'error',
  'in progress': 'in-progress',
};

const WIDTH = 200;

/** Where a piece lies in the whole: seen, not read; the columns beside it say the same. */
const Bar = ({
  span,
  fromMs,
  lengthMs,
}: {
  readonly span: Span;
  readonly fromMs: number;
  readonly lengthMs: number;
}) => {
  const x = ((Date.parse(span.startedAt) - fromMs) / lengthMs) * WIDTH;
  const width = Math.max(2, ((span.durationMs ?? 0) / lengthMs) * WIDTH);
  return (
    <svg width={WIDTH} height="12" aria-hidden="true">
      <rect x={Math.min(x, WIDTH - 2)} y="2" width={width} height="8" fill="currentColor" />
    </svg>
  );
};

/** What X-Ray recorded, piece by piece. */
export const Trace = ({ spans }: { readonly spans: readonly Span[] }) => {
  const starts = spans.map(({ startedAt }) => Date.parse(startedAt));
  const fromMs = Math.min(...starts);
  const lengthMs = Math.max(1, ...spans.map(({ durationMs = 0 }, index) => (starts[index] ?? 0) + durationMs - fromMs));
  const rows = spans.map((span, index) => ({ ...span, index }));
  return (
    <Rows
      title="Trace"
      rows={rows}
      keyOf={({ index }) => String(index)}
      none="It was not traced"
      columns={[
        {
          id: 'name',
          header: 'Piece',
          isRowHeader: true,
          cell: ({ name, depth }) => (
            <Box padding={{ left: (['n', 's', 'l', 'xxl'] as const)[Math.min(depth, 3)] ?? 'n' }}>{name}</Box>
          ),
        },
        { id: 'at', header: 'Began (UTC)', cell: ({ startedAt }) => timeText(startedAt) },
        { id: 'bar', header: 'In the whole', cell: (span) => <Bar span={span} fromMs={fromMs} lengthMs={lengthMs} /> },
        { id: 'took', header: 'Took', cell: ({ durationMs }) => (durationMs === undefined ? '–' : `${durationMs} ms`) },
        {
          id: 'state',
          header: 'State',
          cell: ({ state, error }) => (
            <StatusIndicator type={INDICATORS[state]}>{error === '' ? state : `${state}: ${error}`}</StatusIndicator>
          ),
        },
      ]}
    />
  );
};
