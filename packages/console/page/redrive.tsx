import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { RedrivePlan, RedriveRequest, Rehearsal, RepairPreview } from '../src/api.ts';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { ConfirmedButton } from './confirm.tsx';
import { Rows } from './rows.tsx';
import { numberText, spanText } from './words.ts';

const REPAIR_EXAMPLE =
  '{ "name": "…", "when": [{ "path": "vendor.id", "is": "" }], "steps": [{ "set": "vendor.id", "to": "VEND001" }] }';
const WATCH_MS = 30_000;

interface Seen {
  readonly plan?: RedrivePlan;
  readonly repaired?: RepairPreview;
  readonly rehearsed?: Rehearsal;
  readonly error?: string;
}

const Plan = ({ plan }: { readonly plan: RedrivePlan }) => (
  <Container header={<Header variant="h2">Plan</Header>}>
    <SpaceBetween size="s">
      <Box fontSize="heading-m">
        {numberText(plan.toMove)} of {numberText(plan.waiting)} would move, in {spanText(plan.durationMs)}, for{' '}
        {plan.costUsd < 0.01 ? 'less than $0.01' : `$${plan.costUsd.toFixed(2)}`}
      </Box>
      <ul>
        {plan.destinations.map(({ arn, because, messages }) => (
          <li key={arn + because}>
            {numberText(messages)} to {arn}: {because}
          </li>
        ))}
        {plan.skipped.map(({ reason, messages }) => (
          <li key={reason}>
            {numberText(messages)} stay: {reason}
          </li>
        ))}
      </ul>
    </SpaceBetween>
  </Container>
);

const Repaired = ({ repaired }: { readonly repaired: RepairPreview }) => (
  <SpaceBetween size="s">
    <Rows
      title="What the repair does"
      counter={`(${repaired.changed} changed, ${repaired.unchanged} as they were, ${repaired.failed} not possible)`}
      rows={repaired.bodies.slice(0, 50)}
      keyOf={({ messageId }) => messageId}
      none="No message is meant"
      columns={[
        { id: 'id', header: 'Message', isRowHeader: true, cell: ({ messageId }) => messageId },
        { id: 'diff', header: 'Changes', cell: ({ diff, error }) => error ?? (diff.join('; ') || 'none') },
      ]}
    />
    {repaired.tests.length > 0 && (
      <Rows
        title="Its tests"
        rows={repaired.tests}
        keyOf={({ name }) => name}
        none="It has none"
        columns={[
          { id: 'name', header: 'Test', isRowHeader: true, cell: ({ name }) => name },
          { id: 'passed', header: 'Result', cell: ({ passed, found }) => (passed ? 'passed' : `found ${found}`) },
        ]}
      />
    )}
  </SpaceBetween>
);

const Rehearsed = ({ rehearsed }: { readonly rehearsed: Rehearsal }) => (
  <Rows
    title="Rehearsal"
    counter={`(${rehearsed.succeeded} succeeded, ${rehearsed.failed} failed, ${rehearsed.notRun} not run)`}
    description={rehearsed.notes.join('; ')}
    rows={rehearsed.messages}
    keyOf={({ messageId }) => messageId}
    none="No message is meant"
    columns={[
      { id: 'id', header: 'Message', isRowHeader: true, cell: ({ messageId }) => messageId },
      { id: 'outcome', header: 'Outcome', cell: ({ outcome, error }) => `${outcome} ${error}` },
      { id: 'effects', header: 'Calls that went nowhere', cell: ({ effects }) => effects.join(', ') },
    ]}
  />
);

/** Plan, repair, rehearse; then a job, after a question that names what it changes. */
export default function Redrive() {
  const { about } = useAddress();
  const [words, setWords] = useState({
    from: about.get('from') ?? '',
    to: '',
    fingerprint: about.get('fingerprint') ?? '',
    perSecond: '50',
    canary: '10',
    repair: '',
  });
  const [seen, setSeen] = useState<Seen>({});
  const [busy, setBusy] = useState('');
  const canary = Number(words.canary);
  const request: RedriveRequest = {
    from: words.from,
    ...(words.to === '' ? {} : { to: words.to }),
    ...(words.fingerprint === '' ? {} : { fingerprint: words.fingerprint }),
    ...(words.repair === '' ? {} : { repair: words.repair }),
    perSecond: Number(words.perSecond),
    ...(canary > 0 ? { canary, watchMs: WATCH_MS } : {}),
  };
  const set = (name: keyof typeof words, value: string) => {
    setWords({ ...words, [name]: value });
    // What was seen belongs to other words.
    setSeen({});
  };
  const field = (name: keyof typeof words, label: string, description: string) => (
    <FormField label={label} description={description}>
      <Input value={words[name]} onChange={({ detail }) => set(name, detail.value)} />
    </FormField>
  );
  const look = (name: string, ask: () => Promise<Seen>) => async () => {
    setBusy(name);
    try {
      const found = await ask();
      setSeen((before) => ({ ...before, error: undefined, ...found }));
    } catch (error) {
      setSeen((before) => ({ ...before, error: (error as Error).message }));
    }
    setBusy('');
  };
  const buttons = [
    ['Plan', async () => ({ plan: await call('plan', { request }) }), words.from === ''],
    [
      'Try the repair',
      async () => ({ repaired: await call('repair', { text: words.repair, request }) }),
      words.from === '' || words.repair === '',
    ],
    ['Rehearse', async () => ({ rehearsed: await call('rehearse', { request }) }), words.from === ''],
  ] as const;
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="Look first: plan, repair and rehearsal change nothing.">
        Bring back
      </Header>
      <Container>
        <SpaceBetween size="m">
          <ColumnLayout columns={2}>
            {field('from', 'From', 'ARN of a dead-letter queue, state machine, or prefix in a bucket')}
            {field('to', 'To', 'ARN; empty for where each came from')}
            {field('perSecond', 'Rate', 'messages a second')}
            {field('canary', 'Canary', 'so many first, then half a minute of watching')}
          </ColumnLayout>
          {field('fingerprint', 'Group', 'only failures of this fingerprint; empty for all')}
          <FormField label="Repair" description="JSON; empty for none" stretch>
            <Textarea
              rows={5}
              value={words.repair}
              placeholder={REPAIR_EXAMPLE}
              onChange={({ detail }) => set('repair', detail.value)}
            />
          </FormField>
          <SpaceBetween direction="horizontal" size="xs">
            {buttons.map(([name, ask, isDisabled]) => (
              <Button key={name} loading={busy === name} disabled={isDisabled} onClick={look(name, ask)}>
                {name}
              </Button>
            ))}
            <ConfirmedButton
              label="Bring back"
              variant="primary"
              arn={words.from}
              disabled={seen.plan === undefined || seen.plan.toMove === 0}
              text={`${numberText(seen.plan?.toMove ?? 0)} messages leave it, ${words.perSecond} a second${canary > 0 ? `, ${canary} first` : ''}.`}
              act={async (session) => {
                const job = await call('redrive', { request, agreed: { session, arn: words.from } });
                location.hash = hrefOf('jobs', { job: job.jobId });
              }}
            />
          </SpaceBetween>
        </SpaceBetween>
      </Container>
      {seen.error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {seen.error}
        </Alert>
      )}
      {seen.plan !== undefined && <Plan plan={seen.plan} />}
      {seen.repaired !== undefined && <Repaired repaired={seen.repaired} />}
      {seen.rehearsed !== undefined && <Rehearsed rehearsed={seen.rehearsed} />}
    </SpaceBetween>
  );
}
