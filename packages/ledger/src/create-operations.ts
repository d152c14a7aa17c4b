import type { Random } from '@holdfast/kernel';
import { AwsSender } from './aws-sender.ts';
import { findFillers } from './fillers.ts';
import type { JobStore } from './jobs/job.ts';
import { LogReasons } from './log-reasons.ts';
import { NotSupportedError } from './not-supported.ts';
import { openSource } from './open-source.ts';
import type { Operations, Rehearsal, RehearsalRequest } from './operations.ts';
import { JobDesk } from './redrive-desk.ts';
import type { JobTime } from './redrive-ports.ts';
import { streamEvents } from './stream-records.ts';
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

/** An engine shows all there are; on AWS each look is a receive, and a plan is made of a sample. */
const LOOK_MAX_ENGINE = 100_000;
const LOOK_MAX_AWS = 100;

const redriveDeskOf = ({ target, isEngine, ...ports }: OperationsPorts): JobDesk => {
  const reasons = new LogReasons(target);
  return new JobDesk({
    ...ports,
    sender: new AwsSender(target),
    open: (from) => openSource(target, from, isEngine),
    fillersOf: async (from) => (await findFillers(target)).fillers.filter(({ queueArn }) => queueArn === from),
    errorOf: async ({ MessageId = '', Attributes }) =>
      Attributes?.DeadLetterQueueSourceArn === undefined
        ? ''
        : reasons.of(MessageId, Attributes.DeadLetterQueueSourceArn),
    streamEventOf: streamEvents(target),
    lookMax: isEngine ? LOOK_MAX_ENGINE : LOOK_MAX_AWS,
  });
};

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
 * const job = await redrive.start({ from: queueArn, perSecond: 50, canary: 10, watchMs: 30_000 }, 'on-call');
 * await redrive.run(job.jobId, { untilMs: time.now() + 14 * 60_000 });
 * ```
 */
export const createOperations = (ports: OperationsPorts): Operations => ({
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
  redrive: redriveDeskOf(ports),
  repair: notYet('repair'),
  rehearse:
    ports.rehearse ??
    (async () => {
      throw new NotSupportedError('rehearse', 'there is no engine here to rehearse in; use holdfast dlq rehearse');
    }),
});
