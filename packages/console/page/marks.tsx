import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { FailureGroup } from '../src/api.ts';
import { call } from './client.ts';
import { ConfirmedButton } from './confirm.tsx';
import { useSession } from './session.tsx';

/** No group is muted for ever. */
const HOURS = [
  { value: '1', label: 'an hour' },
  { value: '4', label: 'four hours' },
  { value: '24', label: 'a day' },
  { value: '168', label: 'a week' },
] as const;

/** What people say of a group: keep it quiet for a time, let it speak again, it is mended. */
export const Marks = ({ group, done }: { readonly group: FailureGroup; readonly done: () => void }) => {
  const { tell } = useSession();
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState<string>(HOURS[0].value);
  const { key } = group.fingerprint;
  const mark = (as: 'resolved' | 'unmuted' | 'muted') => async (session: string) => {
    const { now } = await call('now', {});
    const until = new Date(Date.parse(now) + Number(hours) * 3_600_000).toISOString();
    await call('mark', {
      fingerprint: key,
      as: as === 'muted' ? { until, reason } : as,
      agreed: { session, arn: key },
    });
    tell('success', `${group.fingerprint.reason}: ${as}`);
    done();
  };
  const chosen = HOURS.find(({ value }) => value === hours) ?? HOURS[0];
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {group.state === 'muted' ? (
        <ConfirmedButton label="Unmute" arn={key} text="It is counted as it was before." act={mark('unmuted')} />
      ) : (
        <ConfirmedButton
          label="Mute"
          arn={key}
          text="It stays in the ledger, out of the way, until the time is over."
          isReady={reason !== ''}
          act={mark('muted')}
        >
          <FormField label="For how long">
            <Select
              selectedOption={chosen}
              options={HOURS}
              onChange={({ detail }) => setHours(detail.selectedOption.value ?? hours)}
            />
          </FormField>
          <FormField label="Why">
            <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
          </FormField>
        </ConfirmedButton>
      )}
      <ConfirmedButton
        label="Resolve"
        arn={key}
        text="You say that it is mended: what comes after this has regressed."
        act={mark('resolved')}
      />
    </SpaceBetween>
  );
};
