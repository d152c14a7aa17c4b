import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Failure } from '../src/api.ts';
import { hrefOf, useAddress } from './address.ts';
import { Axis } from './axis.tsx';
import { call } from './client.ts';
import { Rows } from './rows.tsx';
import { Trace } from './trace.tsx';
import { useCall } from './use-call.ts';
import { prettyText, timeText } from './words.ts';

/** What a redrive reads it from. */
const sourceOfRedrive = ({ place }: Failure): string => {
  if (place.kind === 'queue') return place.arn;
  if (place.kind === 'object')
    return `arn:aws:s3:::${place.bucket}/${place.key.slice(0, place.key.lastIndexOf('/') + 1)}`;
  return place.arn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
};

/** One failure: what happened, in the order of time, what its log says, how it differs, and the way back. */
export default function FailurePage() {
  const id = useAddress().about.get('id') ?? '';
  const { value, error } = useCall(() => call('why', { id }), [id]);
  if (error !== undefined) {
    return (
      <Alert type="error" statusIconAriaLabel="Error">
        {error}
      </Alert>
    );
  }
  if (value === undefined) return <StatusIndicator type="loading">Asking</StatusIndicator>;
  const { failure, summary, moments, logs, wayBack, trace, bodyDifferences, form } = value;
  const group = failure.fingerprint.key;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={failure.fingerprint.because}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={hrefOf('failures', { group })}>Its group</Button>
            <Button variant="primary" href={hrefOf('redrive', { from: sourceOfRedrive(failure), fingerprint: group })}>
              Repair and bring back
            </Button>
          </SpaceBetween>
        }
      >
        {failure.fingerprint.reason}
      </Header>
      <Container>
        <SpaceBetween size="l">
          <Box>{summary}</Box>
          <KeyValuePairs
            columns={4}
            items={[
              { label: 'Source', value: `${failure.source.kind} ${failure.source.name}` },
              { label: 'Condition', value: failure.condition || '–' },
              { label: 'Tries', value: String(failure.attempts) },
              { label: 'State', value: failure.state },
              { label: 'First seen (UTC)', value: timeText(failure.firstSeenAt) },
              { label: 'Lost at (UTC)', value: timeText(failure.expiresAt) },
              { label: 'Function version', value: failure.functionVersion ?? '–' },
              { label: 'Trace', value: failure.trace ?? '–' },
              { label: 'Way back', value: 'arn' in wayBack ? `${wayBack.arn}: ${wayBack.because}` : wayBack.reason },
              { label: 'About', value: failure.about || '–' },
              { label: 'Error', value: failure.error || '–' },
              { label: 'Id', value: failure.id },
            ]}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">On one axis</Header>}>
        {moments.length === 0 ? 'Nobody wrote down when' : <Axis moments={moments} />}
      </Container>
      <Rows
        title="Timeline"
        rows={moments}
        keyOf={({ at, kind, text }) => `${at} ${kind} ${text}`}
        none="Nothing is known"
        columns={[
          { id: 'at', header: 'When (UTC)', cell: ({ at }) => timeText(at) },
          { id: 'kind', header: 'What', isRowHeader: true, cell: ({ kind }) => kind },
          { id: 'text', header: 'In words', cell: ({ text }) => text },
        ]}
      />
      <Rows
        title="Log lines that name it"
        rows={logs}
        keyOf={({ at, text }) => `${at} ${text}`}
        none="No log line names it"
        columns={[
          { id: 'at', header: 'When (UTC)', cell: ({ at }) => timeText(at) },
          { id: 'group', header: 'Log group', cell: ({ logGroup }) => logGroup },
          { id: 'text', header: 'Line', isRowHeader: true, cell: ({ text }) => <Box variant="code">{text}</Box> },
        ]}
      />
      <Trace spans={trace} />
      <Rows
        title="Form of its body"
        description={
          bodyDifferences.length === 0
            ? 'Paths whose type is not the same everywhere'
            : `Beside its group: ${bodyDifferences.join('; ')}`
        }
        rows={form}
        keyOf={({ path }) => path}
        none="Every path has the same type in all of them"
        columns={[
          { id: 'path', header: 'Path', isRowHeader: true, cell: ({ path }) => <Box variant="code">{path}</Box> },
          { id: 'own', header: 'Here', cell: ({ own }) => own },
          { id: 'group', header: 'In its group', cell: ({ inGroup }) => inGroup || '–' },
          {
            id: 'source',
            header: 'In other failures of its source',
            cell: ({ inSource }) => inSource || '–',
          },
          {
            id: 'waiting',
            header: 'In what waits in its queue',
            cell: ({ inWaiting }) => inWaiting || '–',
          },
        ]}
      />
      <Container header={<Header variant="h2">Body</Header>}>
        <Box variant="pre">{prettyText(failure.body)}</Box>
      </Container>
      {failure.stack !== undefined && (
        <Container header={<Header variant="h2">Stack</Header>}>
          <Box variant="pre">{failure.stack}</Box>
        </Container>
      )}
    </SpaceBetween>
  );
}
