import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Job } from '../src/api.ts';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { ConfirmedButton } from './confirm.tsx';
import { Rows } from './rows.tsx';
import { useSession } from './session.tsx';
import { useCall } from './use-call.ts';
import { nameOf, numberText, timeText } from './words.ts';

const POLL_MS = 1_000;

type How = 'pause' | 'resume' | 'cancel' | 'undo';

/** What can be done with a job in each state. */
const STEPS: Readonly<Record<Job['state'], readonly How[]>> = {
  waiting: ['resume', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel', 'undo'],
  stopped: ['resume', 'cancel', 'undo'],
  cancelled: ['undo'],
  completed: ['undo'],
};

const TEXTS: Readonly<Record<How, string>> = {
  pause: 'Within two seconds nothing more is sent.',
  resume: 'The job goes on where it was.',
  cancel: 'The job ends for good; what was sent stays sent.',
  undo: 'What it sent and nobody has received yet is taken back.',
};

const OneJob = ({ jobId }: { readonly jobId: string }) => {
  const { tell } = useSession();
  const { value, error, reload } = useCall(() => call('job', { jobId }), [jobId], POLL_MS);
  if (error !== undefined) {
    return (
      <Alert type="error" statusIconAriaLabel="Error">
        {error}
      </Alert>
    );
  }
  if (value === undefined) return null;
  const { job, results } = value;
  const { moved, skipped, failed, cameBack, planned, state, because } = job;
  const done = planned === 0 ? 100 : Math.min(100, Math.round(((moved + failed) / planned) * 100));
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={`from ${job.request.from}`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {STEPS[state].map((how) => (
                  <ConfirmedButton
                    key={how}
                    label={`${how[0]?.toUpperCase()}${how.slice(1)}`}
                    arn={job.request.from}
                    text={TEXTS[how]}
                    act={async (session) => {
                      await call('steer', { jobId, how, agreed: { session, arn: job.request.from } });
                      tell('success', `${how}: done`);
                      reload();
                    }}
                  />
                ))}
              </SpaceBetween>
            }
          >
            Job {jobId.slice(0, 8)}: {state}
          </Header>
        }
      >
        <ProgressBar
          value={state === 'completed' ? 100 : done}
          status={state === 'completed' ? 'success' : state === 'stopped' ? 'error' : 'in-progress'}
          label={`${numberText(moved)} of ${numberText(planned)} moved`}
          description={because ?? ''}
          additionalInfo={state === 'completed' ? '' : `skipped ${skipped}, failed ${failed}, came back ${cameBack}`}
          resultText={because ?? `moved ${moved}, skipped ${skipped}, failed ${failed}, came back ${cameBack}`}
        />
      </Container>
      <Rows
        title="Message by message"
        description="The first two hundred"
        rows={results}
        keyOf={({ messageId, at, outcome }) => `${messageId} ${at} ${outcome}`}
        none="Nothing was sent yet"
        columns={[
          { id: 'at', header: 'When (UTC)', cell: ({ at }) => timeText(at) },
          { id: 'id', header: 'Message', isRowHeader: true, cell: ({ messageId }) => messageId },
          { id: 'outcome', header: 'Outcome', cell: ({ outcome, error: why }) => `${outcome} ${why ?? ''}` },
          { id: 'to', header: 'To', cell: ({ to }) => nameOf(to ?? '') },
          { id: 'proof', header: 'Proof', cell: ({ proof }) => proof ?? '' },
        ]}
      />
    </SpaceBetween>
  );
};

/** Whether the chain of all steps is as it was written. */
const Audit = () => {
  const { value, error, reload } = useCall(() => call('audit', {}), []);
  const fault = error ?? value?.fault;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Each step has the hash of the one before it"
          actions={<Button onClick={reload}>Verify</Button>}
        >
          Audit
        </Header>
      }
    >
      {value !== undefined && fault === undefined && (
        <StatusIndicator type="success">
          {numberText(value.entries)} steps, each as it was written; the last has the hash {value.head}
        </StatusIndicator>
      )}
      {fault !== undefined && <StatusIndicator type="error">{fault}</StatusIndicator>}
    </Container>
  );
};

/** Redrive jobs, of this console and of the command alike, as they go on. */
export default function Jobs() {
  const jobId = useAddress().about.get('job');
  const { value, error, isLoading } = useCall(() => call('jobs', {}), [], POLL_MS * 2);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Redrive jobs</Header>
      {error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {error}
        </Alert>
      )}
      {jobId !== null && <OneJob jobId={jobId} />}
      <Rows
        title="All jobs"
        rows={value ?? []}
        keyOf={(job) => job.jobId}
        isLoading={isLoading}
        none="No job yet"
        columns={[
          { id: 'at', header: 'Begun (UTC)', cell: ({ createdAt }) => timeText(createdAt) },
          {
            id: 'job',
            header: 'Job',
            isRowHeader: true,
            cell: (job) => <Link href={hrefOf('jobs', { job: job.jobId })}>{job.jobId.slice(0, 8)}</Link>,
          },
          { id: 'state', header: 'State', cell: ({ state }) => state },
          { id: 'from', header: 'From', cell: ({ request }) => nameOf(request.from) },
          { id: 'moved', header: 'Moved', cell: ({ moved, planned }) => `${moved} of ${planned}` },
          { id: 'back', header: 'Came back', cell: ({ cameBack }) => cameBack },
          { id: 'by', header: 'By', cell: ({ by }) => by },
        ]}
      />
      <Audit />
    </SpaceBetween>
  );
}
