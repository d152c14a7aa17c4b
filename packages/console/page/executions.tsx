import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { Rows } from './rows.tsx';
import { useCall } from './use-call.ts';
import { nameOf, timeText } from './words.ts';

const History = ({ arn }: { readonly arn: string }) => {
  const { value, error, isLoading } = useCall(() => call('history', { arn }), [arn]);
  return (
    <Rows
      title={`History of ${nameOf(arn)}`}
      description={error ?? arn}
      rows={value ?? []}
      keyOf={({ id }) => String(id)}
      isLoading={isLoading}
      none="It has no history"
      columns={[
        { id: 'id', header: 'No.', cell: ({ id }) => id },
        { id: 'at', header: 'When (UTC)', cell: ({ at }) => timeText(at) },
        { id: 'type', header: 'Event', isRowHeader: true, cell: ({ type }) => type },
        {
          id: 'details',
          header: 'Details',
          cell: ({ details }) => <Box variant="code">{details.slice(0, 500)}</Box>,
        },
      ]}
    />
  );
};

/** Executions of all state machines, and the history of one. */
export default function Executions() {
  const arn = useAddress().about.get('arn');
  const { value, error, isLoading } = useCall(() => call('executions', {}), [], 5_000);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Executions</Header>
      {error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {error}
        </Alert>
      )}
      {arn !== null && <History arn={arn} />}
      <Rows
        title="All state machines"
        rows={value ?? []}
        keyOf={(row) => row.arn}
        isLoading={isLoading}
        none="No execution yet"
        columns={[
          { id: 'at', header: 'Started (UTC)', cell: ({ startedAt }) => timeText(startedAt) },
          {
            id: 'name',
            header: 'Execution',
            isRowHeader: true,
            cell: (row) => <Link href={hrefOf('executions', { arn: row.arn })}>{row.name}</Link>,
          },
          { id: 'machine', header: 'State machine', cell: ({ machine }) => machine },
          {
            id: 'status',
            header: 'Status',
            cell: ({ status }) => (
              <StatusIndicator
                type={status === 'SUCCEEDED' ? 'success' : status === 'RUNNING' ? 'in-progress' : 'error'}
              >
                {status}
              </StatusIndicator>
            ),
          },
          { id: 'stop', header: 'Ended (UTC)', cell: ({ stoppedAt }) => timeText(stoppedAt) },
        ]}
      />
    </SpaceBetween>
  );
}
