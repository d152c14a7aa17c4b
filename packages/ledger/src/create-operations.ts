import type { Random } from '@holdfast/kernel';
import type { JobStore } from './jobs/job.ts';
import { NotSupportedError } from './not-supported.ts';
import type { Operations, Rehearsal, RehearsalRequest } from './operations.ts';
import type { JobTime } from './redrive.ts';
import type { Target } from './target.ts';

/** Whom operations talk to, and what they may not make up themselves. */
export interface OperationsPorts {
  readonly target: Target;
  /** Whether a Holdfast engine answers at the target's endpoint: it shows messages without a receive. */
  readonly isEngine: boolean;
  readonly jobs: JobStore;
  readonly time: JobTime;
  readonly random: Random;
  /** Ids of jobs. */
  readonly newId: () => string;
  /** Has an engine to rehearse in; a Lambda function has none. */
  readonly rehearse?: (request: RehearsalRequest) => Promise<Rehearsal>;
}

/** Not there yet, and says so by name. */
const notYet = (what: string) => (): never => {
  throw new NotSupportedError(what, 'it is not built yet');
};

/**
 * Operations on the failures of an account, or of an engine.
 *
 * @example
 * ```ts
 * const { redrive } = createOperations({ target, isEngine, jobs, time, random, newId });
 * const job = await redrive.start({ queueArn, perSecond: 50, canary: 10, watchMs: 30_000 }, 'on-call');
 * await redrive.run(job.jobId, { untilMs: time.now() + 14 * 60_000 });
 * ```
 */
export const createOperations = ({ rehearse }: OperationsPorts): Operations => ({
  failures: {
    page: notYet('failures.page'),
    totals: notYet('failures.totals'),
    groups: notYet('failures.groups'),
    find: notYet('failures.find'),
    why: notYet('failures.why'),
    mute: notYet('failures.mute'),
    unmute: notYet('failures.unmute'),
    resolve: notYet('failures.resolve'),
  },
  redrive: {
    plan: notYet('redrive.plan'),
    start: notYet('redrive.start'),
    run: notYet('redrive.run'),
    status: notYet('redrive.status'),
    list: notYet('redrive.list'),
    results: notYet('redrive.results'),
    pause: notYet('redrive.pause'),
    resume: notYet('redrive.resume'),
    cancel: notYet('redrive.cancel'),
    undo: notYet('redrive.undo'),
  },
  repair: notYet('repair'),
  rehearse:
    rehearse ??
    (async () => {
      throw new NotSupportedError('rehearse', 'there is no engine here to rehearse in; use holdfast dlq rehearse');
    }),
});
