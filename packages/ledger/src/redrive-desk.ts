import type { Message } from '@aws-sdk/client-sqs';
import type { Random } from '@holdfast/kernel';
import type { Filler } from './fillers.ts';
import type { FingerprintRule } from './fingerprints/rules.ts';
import type { Job, JobLease, JobStore, MessageResult, RedriveRequest } from './jobs/job.ts';
import { JobNotFoundError } from './jobs/job-state.ts';
import type { OpenSource } from './open-source.ts';
import type { RedriveDesk, RunLimits } from './operations.ts';
import { planRedrive, type RedrivePlan, type RedrivePreview } from './plan.ts';
import type { Reason } from './reasons/reason.ts';
import { redrive } from './redrive.ts';
import type { JobTime, RedriveOptions, RedriveResult, Sender } from './redrive-ports.ts';
import { checkRequest, selectionOf } from './redrive-request.ts';
import { parseRepair, repairBody } from './repair/repair.ts';
import { byIds } from './selection.ts';
import type { StreamEventOf } from './way-back.ts';

/** What the desk works with. */
export interface RedriveDeskPorts {
  readonly jobs: JobStore;
  readonly time: JobTime;
  readonly random: Random;
  readonly newId: () => string;
  readonly sender: Sender;
  open(from: string): Promise<OpenSource>;
  /** Who puts failures into a queue. */
  fillersOf(from: string): Promise<readonly Filler[]>;
  /** Why a message failed that does not say. */
  reasonOf(message: Message, fillers: readonly Filler[]): Promise<Reason | undefined>;
  readonly streamEventOf?: StreamEventOf;
  /** The user's own groups. */
  readonly rules?: readonly FingerprintRule[];
  /** Messages a plan looks at. */
  readonly lookMax: number;
}

const CONCURRENCY = 32;

/** A job that works says so, in the time of the job; far more often than a lease ends. */
const SAVE_EVERY_MS = 2_000;

/**
 * A queue may be emptied by others meanwhile, such as the pipeline's own recovery, and what a run that died had in its hands is
 * invisible for a while: a job that did less than planned says so, and is not over while somebody has the rest.
 */
const endOf = async (
  { state, moved, skipped, failed, cameBack }: RedriveResult,
  { planned }: Job,
  inFlight: () => Promise<number>,
): Promise<{ readonly state?: 'waiting'; readonly because?: string }> => {
  const missing = planned - moved - skipped - failed - cameBack;
  if (state !== 'completed' || missing <= 0) return {};
  const held = await inFlight();
  return held > 0
    ? {
        state: 'waiting',
        because: `${held} more are in flight: a consumer has them, or a run that died; they become visible again`,
      }
    : { because: `moved ${moved}; ${missing} more were planned and were not there any more: something else took them` };
};

/** Redrive as jobs that outlive whoever works on them. */
export class JobDesk implements RedriveDesk {
  readonly #ports: RedriveDeskPorts;

  constructor(ports: RedriveDeskPorts) {
    this.#ports = ports;
  }

  async plan(request: RedriveRequest): Promise<RedrivePlan> {
    return (await this.preview(request)).plan;
  }

  async preview(request: RedriveRequest): Promise<RedrivePreview> {
    checkRequest(request);
    const source = await this.#ports.open(request.from);
    const seen = await source.look(this.#ports.lookMax);
    return planRedrive(source, seen, await this.#optionsOf('plan', request), this.#ports.time.now());
  }

  async start(request: RedriveRequest, by: string): Promise<Job> {
    const plan = await this.plan(request);
    return this.#create(request, by, plan.toMove);
  }

  async run(jobId: string, { untilMs, signal = new AbortController().signal, progress }: RunLimits = {}): Promise<Job> {
    const { jobs, time } = this.#ports;
    const lease = await jobs.lease(jobId, time.now());
    const job = await this.status(jobId);
    if (lease === undefined) return job;
    try {
      const { request } = job;
      const options: RedriveOptions = {
        ...(await this.#optionsOf(jobId, request, job.undoOf)),
        ...(untilMs === undefined ? {} : { untilMs }),
        ...(job.forgiven === undefined ? {} : { forgiven: job.forgiven }),
      };
      const result = await this.#work(job, lease, options, signal, progress);
      const end = await endOf(result, job, async () => (await this.#ports.open(request.from)).inFlight);
      return await lease.end(this.#changeBy({ ...result, ...end }, job));
    } catch (error) {
      await lease.end({ state: 'waiting', because: (error as Error).message, updatedAt: this.#now() }).catch(() => {});
      throw error;
    }
  }

  async status(jobId: string): Promise<Job> {
    const job = await this.#ports.jobs.get(jobId);
    if (job === undefined) throw new JobNotFoundError(jobId);
    return job;
  }

  list(): Promise<readonly Job[]> {
    return this.#ports.jobs.list();
  }

  results(jobId: string): AsyncIterable<MessageResult> {
    return this.#ports.jobs.results(jobId);
  }

  async pause(jobId: string): Promise<Job> {
    await this.#ports.jobs.wish(jobId, 'pause');
    return this.status(jobId);
  }

  async resume(jobId: string): Promise<Job> {
    await this.#ports.jobs.wish(jobId, 'run');
    return this.status(jobId);
  }

  async cancel(jobId: string): Promise<Job> {
    await this.#ports.jobs.wish(jobId, 'cancel');
    return this.status(jobId);
  }

  async undo(jobId: string, by: string): Promise<readonly Job[]> {
    const { request } = await this.status(jobId);
    const queues = new Map<string, number>();
    for await (const { to = '', proof } of this.results(jobId)) {
      if (proof !== undefined && to.split(':')[2] === 'sqs') queues.set(to, (queues.get(to) ?? 0) + 1);
    }
    const undone: Job[] = [];
    for (const [from, messages] of queues) {
      undone.push(
        await this.#create({ from, to: request.from, perSecond: request.perSecond ?? 50 }, by, messages, jobId),
      );
    }
    return undone;
  }

  async #create(request: RedriveRequest, by: string, planned: number, undoOf?: string): Promise<Job> {
    const at = this.#now();
    const job: Job = {
      jobId: this.#ports.newId(),
      request,
      ...(undoOf === undefined ? {} : { undoOf }),
      state: 'waiting',
      wish: 'run',
      by,
      createdAt: at,
      updatedAt: at,
      planned,
      moved: 0,
      skipped: 0,
      failed: 0,
      cameBack: 0,
      possibleDuplicates: [],
      reasons: {},
    };
    await this.#ports.jobs.create(job);
    return job;
  }

  async #work(
    job: Job,
    lease: JobLease,
    options: RedriveOptions,
    signal: AbortSignal,
    progress: RunLimits['progress'],
  ): Promise<RedriveResult> {
    const { jobs, time, random, sender } = this.#ports;
    const { jobId, request, by, planned } = job;
    const queue = await this.#ports.open(request.from);
    await lease.append({ step: 'planned', at: this.#now(), jobId, queue: queue.arn, by, toMove: planned, request });
    let savedAt = time.now();
    let latest: Partial<Job> = {};
    const save = async (): Promise<void> => {
      if (time.now() - savedAt < SAVE_EVERY_MS) return;
      savedAt = time.now();
      await lease.save({ ...latest, updatedAt: this.#now() });
    };
    return redrive(
      options,
      {
        queue,
        sender,
        journal: lease,
        time,
        random,
        wish: async () => {
          await save();
          return jobs.wishOf(jobId);
        },
        progress: async (result) => {
          const { state: _, ...change } = this.#changeBy(result, job);
          latest = change;
          progress?.({ ...job, ...change, state: 'running' });
          await save();
        },
      },
      signal,
    );
  }

  #changeBy(
    { moved, skipped, failed, cameBack, state, because, forgiven, possibleDuplicates, reasons }: RedriveResult,
    job: Job,
  ) {
    return {
      moved,
      skipped,
      failed,
      cameBack,
      state,
      possibleDuplicates: [...new Set([...job.possibleDuplicates, ...possibleDuplicates])],
      reasons,
      updatedAt: this.#now(),
      ...(because === undefined ? {} : { because }),
      ...(forgiven === undefined ? {} : { forgiven }),
    } satisfies Partial<Job>;
  }

  async #optionsOf(jobId: string, request: RedriveRequest, undoOf?: string): Promise<RedriveOptions> {
    const { streamEventOf } = this.#ports;
    const {
      from,
      to,
      perSecond = 50,
      max,
      canary = 0,
      watchMs = 0,
      cameBackShareMax = 0.1,
      delayJitterSeconds,
      rampMs,
    } = request;
    const repair = request.repair === undefined ? undefined : parseRepair(request.repair);
    const undo = undoOf === undefined ? undefined : await this.#undoing(undoOf, from);
    const selection = undo?.selection ?? selectionOf(request);
    const asksForFillers = to === undefined || selection.asksForReason;
    const fillers = asksForFillers ? await this.#ports.fillersOf(from) : [];
    return {
      jobId,
      to,
      fillers,
      selection: undo?.selection ?? selectionOf(request, { fillers, rules: this.#ports.rules }),
      perSecond,
      max: max ?? Number.MAX_SAFE_INTEGER,
      canary,
      watchMs,
      cameBackShareMax,
      concurrency: CONCURRENCY,
      reasonOf: (message) => this.#ports.reasonOf(message, fillers),
      streamEventOf,
      ...(rampMs === undefined ? {} : { rampMs }),
      ...(delayJitterSeconds === undefined ? {} : { delayJitterSeconds }),
      ...(repair === undefined ? {} : { repair: (body: string) => repairBody(repair, body) }),
      ...(undo === undefined ? {} : { originOf: undo.originOf }),
    };
  }

  /** What a job sent into a queue: by the ids that the queue gave. */
  async #undoing(jobId: string, queueArn: string) {
    const origins = new Map<string, string | undefined>();
    for await (const { to, proof, origin } of this.results(jobId)) {
      if (to === queueArn && proof !== undefined) origins.set(proof, origin);
    }
    return {
      selection: byIds([...origins.keys()]),
      originOf: ({ MessageId = '' }: Message) => origins.get(MessageId),
    };
  }

  #now(): string {
    return new Date(this.#ports.time.now()).toISOString();
  }
}
