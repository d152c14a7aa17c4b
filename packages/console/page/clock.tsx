import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { call } from './client.ts';
import { ConfirmedButton } from './confirm.tsx';
import { useSession } from './session.tsx';
import { useCall } from './use-call.ts';
import { timeText } from './words.ts';

const ARN = 'clock';

/** The engine's time: live or virtual, and how far it moves. */
export default function ClockPage() {
  const { tell } = useSession();
  const [advance, setAdvance] = useState('PT5M');
  const { value, error, reload } = useCall(() => call('clock', {}), [], 2_000);
  const steer = (change: { mode?: 'live' | 'virtual'; advance?: string }) => async (session: string) => {
    const { now } = await call('steerClock', { ...change, agreed: { session, arn: ARN } });
    tell('success', `it is ${timeText(now)}`);
    reload();
  };
  const isVirtual = value?.mode === 'virtual';
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Clock</Header>
      {error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {error}
        </Alert>
      )}
      <Container>
        <SpaceBetween size="l">
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Mode', value: isVirtual ? 'virtual: it stands still until it is moved' : (value?.mode ?? '–') },
              { label: 'Now (UTC)', value: timeText(value?.now) },
              { label: 'Next work (UTC)', value: timeText(value?.nextWakeAt) },
            ]}
          />
          <FormField label="Advance by" description="ISO 8601 duration; everything due on the way happens">
            <Input value={advance} onChange={({ detail }) => setAdvance(detail.value)} />
          </FormField>
          <SpaceBetween direction="horizontal" size="xs">
            <ConfirmedButton
              label="Advance"
              variant="primary"
              arn={ARN}
              disabled={!isVirtual}
              text={`Time moves by ${advance}; what falls due on the way happens, functions included.`}
              act={steer({ advance })}
            />
            <ConfirmedButton
              label={isVirtual ? 'Let it run' : 'Stop it'}
              arn={ARN}
              text={isVirtual ? 'Time passes by itself again.' : 'Time stands still until it is advanced.'}
              act={steer({ mode: isVirtual ? 'live' : 'virtual' })}
            />
          </SpaceBetween>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
