import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@holdfast/kernel';
import { AwsSender } from './aws-sender.ts';
import { chosenLetters } from './chosen-letters.ts';
import { explain } from './failures/explain.ts';
import type { Failure, QueueReading } from './failures/failure.ts';
import { type GroupMarks, MemoryGroupMarks } from './failures/group-marks.ts';
import { LedgerDesk } from './failures/ledger-desk.ts';
import { PlacesRefresh } from './failures/refresh.ts';
import { fillersAt, findFillers } from './fillers.ts';
import type { FingerprintRule } from './fingerprints/rules.ts';
import type { JobStore } from './jobs/job.ts';
import { LOOK_MAX_AWS, LOOK_MAX_ENGINE } from './look-max.ts';
import { NotSupportedError } from './not-supported.ts';
import { openSource } from './open-source.ts';
import type { FailureDesk, Operations, Rehearsal, RehearsalRequest } from './operations.ts';
import { readArchived } from './other-letters.ts';
import { Reasons } from './reasons/reasons.ts';
import { JobDesk } from './redrive-desk.ts';
import type { JobTime } from './redrive-ports.ts';
import { previewRepair } from './repair/preview.ts';
import { SqsQueue } from './sqs-queue.ts';
import { streamEvents } from './stream-records.ts';
import type { Target } from './target.ts';
import { wayBackOf } from './way-back.ts';

/** Whom operations talk to, and what they may not make up themselves. */
export interface OperationsPorts {
  readonly target: Target;
  /** Whether a Holdfast engine answers at the target's endpoint: it shows messages without a receive. */
  readonly isEngine: boolean;
  readonly jobs: JobStore;
  readonly time: JobTime;
  /** The present for the ledger, where somebody else moves the time; that of the jobs unless given. */
  readonly now?: () => number;
  readonly random: Random;
  /** Ids of jobs. */
  readonly newId: () => string;
  /** What was said of groups; without it that ends with the process. */
  readonly marks?: GroupMarks;
  /** The user's own groups. */
  readonly rules?: readonly FingerprintRule[];
  /** How the ledger answers while it still reads. */
  readonly looks?: {
    /** An answer is given of what was read until then; of everything, unless given. */
    readonly patienceMs?: number;
    /** Told how far the ledger is. */
    readonly reading?: (reading: readonly QueueReading[]) => void;
  };
  /** Has an engine to rehearse in; a Lambda function has none. */
  readonly rehearse?: (request: RehearsalRequest) => Promise<Rehearsal>;
}

const redriveDeskOf = ({ target, isEngine, ...ports }: OperationsPorts): JobDesk => {
  const reasons = new Reasons(target, isEngine);
  return new JobDesk({
    ...ports,
    sender: new AwsSender(target),
    open: (from) => openSource(target, from, isEngine),
    fillersOf: (from) => fillersAt(target, from),
    reasonOf: (message, fillers) => reasons.of(message, fillers),
    streamEventOf: streamEvents(target),
    lookMax: isEngine ? LOOK_MAX_ENGINE : LOOK_MAX_AWS,
  });
};

const failureDeskOf = (ports: OperationsPorts): FailureDesk => {
  const { target, isEngine, jobs, time, marks = new MemoryGroupMarks(), rules = [], now = () => time.now() } = ports;
  const { patienceMs, reading } = ports.looks ?? {};
  const reasons = new Reasons(target, isEngine);
  const { refresh } = new PlacesRefresh({
    target,
    isEngine,
    reasons,
    rules,
    now,
    monotonicMs: () => performance.now(),
  });
  const wayBack = async ({ place, body, attributes, source }: Failure) => {
    const { fillers } = await findFillers(target);
    const lay = place.kind === 'queue' ? place.arn : place.kind === 'object' ? place.queueArn : undefined;
    const at = fillers.filter(({ queueArn }) => queueArn === lay);
    const Attributes = source.kind === 'queue' ? { DeadLetterQueueSourceArn: source.arn } : {};
    return wayBackOf({ Body: body, MessageAttributes: { ...attributes }, Attributes }, at, streamEvents(target));
  };
  return new LedgerDesk({
    refresh,
    marks,
    now,
    reading,
    patience: patienceMs === undefined ? undefined : () => sleep(patienceMs, undefined, { ref: false }),
    explain: async (failure, alike) =>
      explain(await wholeFailure(target, failure), alike, {
        target,
        jobs,
        reasons,
        wayBackOf: wayBack,
        waitingOf: async ({ source }) => (isEngine && source.kind === 'queue' ? waitingBodies(target, source.arn) : []),
      }),
  });
};

/** Messages of the queue that a failure came from, which it is compared with. */
const WAITING_MAX = 200;

/** Bodies that wait in an engine's queue; a queue that is gone, or never was, has none. */
const waitingBodies = async (target: Target, queueArn: string): Promise<readonly string[]> => {
  try {
    const queue = await SqsQueue.openArn(target, queueArn, true);
    for await (const page of queue.lookThrough(0)) {
      return page.slice(0, WAITING_MAX).map(({ message: { Body = '' } }) => Body);
    }
  } catch (error) {
    // A message can name any queue as the one it came from.
    if (!(error instanceof Error && '$metadata' in error)) throw error;
  }
  return [];
};

/** Of a long body the index of a ledger has the beginning. */
const wholeFailure = async (target: Target, failure: Failure): Promise<Failure> => {
  const { place, isBodyCut, ...known } = failure;
  if (isBodyCut !== true || place.kind !== 'object') return failure;
  return { ...known, place, body: (await readArchived(target, place)).Body ?? known.body };
};

/** Messages that a repair is tried on, unless somebody says another number. */
const PREVIEW_MAX = 1_000;

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
  failures: failureDeskOf(ports),
  redrive: redriveDeskOf(ports),
  repair: async (text, request, max = PREVIEW_MAX) => {
    const letters = await chosenLetters(ports, request, max);
    return previewRepair(
      text,
      letters.map(({ message: { MessageId = '', Body = '' }, delivery }) => ({
        messageId: MessageId,
        // As a redrive would send it: the event, not the record around it.
        body: 'reason' in delivery ? Body : delivery.body,
      })),
    );
  },
  rehearse:
    ports.rehearse ??
    (async () => {
      throw new NotSupportedError('rehearse', 'there is no engine here to rehearse in; use holdfast dlq rehearse');
    }),
});
