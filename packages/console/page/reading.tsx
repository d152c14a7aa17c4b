import Alert from '@cloudscape-design/components/alert';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { FailureTotals } from '../src/api.ts';
import { nameOf, numberText } from './words.ts';

/** Queues that are told by name; a long one is what somebody waits for. */
const NAMED_MAX = 5;

/** What was read is shown before everything is: how often a page asks meanwhile, and while no queue is known yet. */
const READING_POLL_MS = 1_000;
const FINDING_POLL_MS = 250;

/** When to ask again; `undefined` when all was read. */
export const readingPollMs = (totals: FailureTotals | undefined): number | undefined =>
  totals?.reading === undefined ? undefined : totals.reading.length === 0 ? FINDING_POLL_MS : READING_POLL_MS;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** How far the ledger is; nothing once it has read everything. */
export const Reading = ({ totals }: { readonly totals: FailureTotals | undefined }) => {
  const queues = totals?.reading;
  if (queues === undefined) return null;
  const read = sum(queues.map((queue) => queue.read));
  const of = sum(queues.map((queue) => queue.of));
  const unread = queues.filter((queue) => queue.read < queue.of).sort((a, b) => b.of - a.of);
  return (
    <Alert type="info" statusIconAriaLabel="Information" header="The ledger is reading">
      <ProgressBar
        ariaLabel="How far the ledger is"
        value={of === 0 ? 0 : Math.floor((read / of) * 100)}
        description={
          queues.length === 0
            ? 'Finding where failures lie'
            : `${numberText(read)} of ${numberText(of)} messages in dead-letter queues; counts below are of what was read`
        }
        additionalInfo={unread
          .slice(0, NAMED_MAX)
          .map((queue) => `${nameOf(queue.arn)}: ${numberText(queue.read)} of ${numberText(queue.of)}`)
          .join(', ')}
      />
    </Alert>
  );
};
