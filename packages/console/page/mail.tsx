import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { call } from './client.ts';
import { Rows } from './rows.tsx';
import { useCall } from './use-call.ts';
import { nameOf, timeText } from './words.ts';

/** What email subscribers would have got; none of it ever leaves the engine. */
export default function MailPage() {
  const { value, error, isLoading } = useCall(() => call('mail', {}), [], 5_000);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Mail</Header>
      <Rows
        title="Captured, youngest first"
        description={error ?? 'None of it ever leaves the engine'}
        rows={value ?? []}
        keyOf={({ at, to, body }) => `${at} ${to} ${body}`}
        isLoading={isLoading}
        none="No mail"
        columns={[
          { id: 'at', header: 'When (UTC)', cell: ({ at }) => timeText(new Date(at).toISOString()) },
          { id: 'to', header: 'To', cell: ({ to }) => to },
          { id: 'topic', header: 'Topic', cell: ({ topicArn }) => nameOf(topicArn) },
          { id: 'subject', header: 'Subject', isRowHeader: true, cell: ({ subject }) => subject || '(none)' },
          { id: 'body', header: 'Text', cell: ({ body }) => <Box variant="pre">{body}</Box> },
        ]}
      />
    </SpaceBetween>
  );
}
