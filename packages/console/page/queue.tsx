import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { Rows } from './rows.tsx';
import { useCall } from './use-call.ts';
import { nameOf, timeText } from './words.ts';

/** A queue's messages as they lie there; nothing is received. */
export default function Queue() {
  const arn = useAddress().about.get('arn') ?? '';
  const [after, setAfter] = useState<number>(0);
  const { value, error, isLoading } = useCall(() => call('messages', { arn, after }), [arn, after]);
  const next = value?.next;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={arn}
        actions={<Button href={hrefOf('redrive', { from: arn })}>Bring back</Button>}
      >
        {nameOf(arn)}
      </Header>
      {error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {error}
        </Alert>
      )}
      <Rows
        title="Messages, oldest first"
        description="Looking counts no receive"
        counter=""
        rows={value?.messages ?? []}
        keyOf={({ messageId }) => messageId}
        isLoading={isLoading}
        none="The queue is empty"
        footer={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={after === 0} onClick={() => setAfter(0)}>
              From the beginning
            </Button>
            <Button disabled={next === undefined} onClick={() => setAfter(next ?? 0)}>
              More
            </Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'at', header: 'Arrived (UTC)', cell: ({ arrivedAt }) => timeText(arrivedAt) },
          { id: 'id', header: 'Message', isRowHeader: true, cell: ({ messageId }) => messageId },
          { id: 'state', header: 'State', cell: ({ state }) => state },
          { id: 'expires', header: 'Lost at (UTC)', cell: ({ expiresAt }) => timeText(expiresAt) },
          { id: 'body', header: 'Body', cell: ({ body }) => <Box variant="code">{body.slice(0, 300)}</Box> },
        ]}
      />
    </SpaceBetween>
  );
}
