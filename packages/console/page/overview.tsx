import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { hrefOf } from './address.ts';
import { Arrivals } from './arrivals.tsx';
import { call } from './client.ts';
import { Reading, readingPollMs } from './reading.tsx';
import { Rows } from './rows.tsx';
import { useSession } from './session.tsx';
import { useCall } from './use-call.ts';
import { lossText, lossType, nameOf, numberText, spanText, timeText } from './words.ts';

const POLL_MS = 5_000;

const COLORS = { error: 'text-status-error', warning: 'text-status-warning', info: 'inherit' } as const;

const Figure = (props: {
  readonly label: string;
  readonly color?: (typeof COLORS)[keyof typeof COLORS];
  readonly children: string;
}) => (
  <div>
    <Box variant="awsui-key-label">{props.label}</Box>
    <Box fontSize="display-l" fontWeight="bold" color={props.color ?? 'inherit'}>
      {props.children}
    </Box>
  </div>
);

/** What is lost soonest comes first; everything else is below. */
export default function Overview() {
  const { where } = useSession();
  const risk = useCall(
    () => call('atRisk', {}),
    [],
    (value) => readingPollMs(value?.totals) ?? POLL_MS,
  );
  const there = useCall(() => call('overview', {}), [], POLL_MS);
  const { now = '', totals, arrivals, groups = [] } = risk.value ?? {};
  const { queues = [], functions = [], alarms = [], unasked = [] } = there.value ?? {};
  const [soonest] = groups;
  const unheard = [...unasked, ...(totals?.unasked ?? [])];
  return (
    <SpaceBetween size="l">
      {[risk.error, there.error]
        .filter((error) => error !== undefined)
        .map((error) => (
          <Alert key={error} type="error" statusIconAriaLabel="Error">
            {error}
          </Alert>
        ))}
      {unheard.length > 0 && (
        <Alert type="warning" statusIconAriaLabel="Warning" header="Not everything could be asked">
          {unheard.join('; ')}
        </Alert>
      )}
      <Reading totals={totals} />
      <Container header={<Header variant="h1">What is lost soonest</Header>}>
        {totals === undefined ? (
          <StatusIndicator type="loading">Asking every source</StatusIndicator>
        ) : soonest === undefined && totals.reading !== undefined ? (
          <StatusIndicator type="loading">Reading</StatusIndicator>
        ) : soonest === undefined ? (
          <StatusIndicator type="success">No failures: nothing is being lost</StatusIndicator>
        ) : (
          <ColumnLayout columns={3} variant="text-grid">
            <Figure label="First loss" color={COLORS[lossType(soonest.expiresAt, now)]}>
              {lossText(soonest.expiresAt, now)}
            </Figure>
            <Figure label="Failures">{numberText(totals.failures)}</Figure>
            <div>
              <Box variant="awsui-key-label">Next</Box>
              <SpaceBetween size="xs">
                <Box>
                  {numberText(soonest.failures)} × {soonest.fingerprint.reason}, of{' '}
                  {soonest.sources.map(({ name }) => name).join(', ')}
                </Box>
                <Button variant="primary" href={hrefOf('failure', { id: soonest.example })}>
                  Understand it
                </Button>
              </SpaceBetween>
            </div>
          </ColumnLayout>
        )}
      </Container>
      {arrivals !== undefined && arrivals.series.length > 0 && (
        <Container header={<Header variant="h2">When failures came</Header>}>
          <Arrivals arrivals={arrivals} />
        </Container>
      )}
      <Rows
        title="Groups, soonest lost first"
        counter={totals === undefined ? '' : `(${groups.length} of ${totals.groups})`}
        rows={groups}
        keyOf={({ fingerprint }) => fingerprint.key}
        isLoading={risk.isLoading}
        none="No failures"
        columns={[
          {
            id: 'loss',
            header: 'Lost',
            cell: ({ expiresAt }) => (
              <StatusIndicator type={lossType(expiresAt, now)}>{lossText(expiresAt, now)}</StatusIndicator>
            ),
          },
          { id: 'failures', header: 'Failures', cell: ({ failures }) => numberText(failures) },
          {
            id: 'reason',
            header: 'Why',
            isRowHeader: true,
            cell: ({ fingerprint, example }) => (
              <Link href={hrefOf('failure', { id: example })}>{fingerprint.reason}</Link>
            ),
          },
          { id: 'source', header: 'Source', cell: ({ sources }) => sources.map(({ name }) => name).join(', ') },
          { id: 'state', header: 'State', cell: ({ state }) => state },
          { id: 'last', header: 'Last seen (UTC)', cell: ({ lastSeenAt }) => timeText(lastSeenAt) },
        ]}
      />
      <Rows
        title="Queues"
        rows={[...queues].sort((a, b) => Number(b.isDeadLetterQueue) - Number(a.isDeadLetterQueue))}
        keyOf={({ arn }) => arn}
        isLoading={there.isLoading}
        none="No queues"
        columns={[
          {
            id: 'name',
            header: 'Queue',
            isRowHeader: true,
            cell: ({ arn, name }) =>
              where?.isEngine === true ? <Link href={hrefOf('queue', { arn })}>{name}</Link> : name,
          },
          { id: 'kind', header: 'Kind', cell: ({ isDeadLetterQueue }) => (isDeadLetterQueue ? 'dead letters' : '') },
          { id: 'visible', header: 'Visible', cell: ({ visible }) => numberText(visible) },
          { id: 'flight', header: 'In flight', cell: ({ inFlight }) => numberText(inFlight) },
          { id: 'delayed', header: 'Delayed', cell: ({ delayed }) => numberText(delayed) },
          { id: 'retention', header: 'Keeps', cell: (row) => spanText(row.retentionSeconds * 1_000) },
          {
            id: 'dlq',
            header: 'Failures go to',
            cell: ({ deadLetterQueue }) => (deadLetterQueue === undefined ? '–' : nameOf(deadLetterQueue)),
          },
        ]}
      />
      <Rows
        title="Alarms"
        rows={alarms}
        keyOf={({ name }) => name}
        isLoading={there.isLoading}
        none="No alarms"
        columns={[
          {
            id: 'state',
            header: 'State',
            cell: ({ state }) => (
              <StatusIndicator type={state === 'ALARM' ? 'error' : state === 'OK' ? 'success' : 'pending'}>
                {state}
              </StatusIndicator>
            ),
          },
          { id: 'name', header: 'Alarm', isRowHeader: true, cell: ({ name }) => name },
          { id: 'reason', header: 'Because', cell: ({ reason }) => reason },
        ]}
      />
      <Rows
        title="Functions"
        rows={functions}
        keyOf={({ arn }) => arn}
        isLoading={there.isLoading}
        none="No functions"
        columns={[
          { id: 'name', header: 'Function', isRowHeader: true, cell: ({ name }) => name },
          { id: 'runtime', header: 'Runtime', cell: ({ runtime }) => runtime },
          { id: 'version', header: 'Version', cell: ({ version }) => version },
        ]}
      />
    </SpaceBetween>
  );
}
