import { type Job, type MessageResult, type Operations, readAudit, type Target } from '@holdfast/ledger';
import { Account } from './account.ts';
import type { AtRisk, ConsoleApi } from './api.ts';
import { EngineControl } from './engine-control.ts';
import { Sessions } from './sessions.ts';

/** What the console works with. */
export interface ConsolePorts {
  readonly target: Target;
  /** Whether a Holdfast engine answers at the target's endpoint. */
  readonly isEngine: boolean;
  /**
   * Operations on whom the console talks to.
   *
   * @param now - the present of its ledger, which outlives moves of the clock
   */
  readonly open: (now?: () => number) => Promise<Operations>;
  /** The audit log of all jobs. */
  readonly audit: () => Promise<string>;
  /** Makes what nobody guesses. */
  readonly newId: () => string;
  /** Told of what goes wrong in a job that works by itself. */
  readonly note: (text: string) => void;
}

const PAGE = 50;
const RESULTS_MAX = 200;

/** Those without an end come last. */
const bySoonestLost = (a: { readonly expiresAt?: string }, b: { readonly expiresAt?: string }): number =>
  (a.expiresAt ?? '9').localeCompare(b.expiresAt ?? '9');

/** All calls of the console over AWS's operations, the ledger, and the engine's own endpoints. */
export const consoleCalls = ({ target, isEngine, open, audit, newId, note }: ConsolePorts): ConsoleApi => {
  const account = new Account(target);
  const engine = new EngineControl(isEngine ? target.endpoint : undefined);
  const sessions = new Sessions(newId);
  const now = async (): Promise<string> => (isEngine ? (await engine.clock()).now : new Date().toISOString());
  let nowMs = 0;
  let opened: Promise<Operations> | undefined;

  /** Opened once, to read: to build the ledger anew at each move of the clock would take as long as there are failures. */
  const kept = async (): Promise<Operations> => {
    nowMs = Date.parse(await now());
    opened ??= open(() => nowMs).catch((error: Error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const failures = async (): Promise<Operations['failures']> => (await kept()).failures;

  /** Works on a job by itself; who wants to know asks for the job. */
  const work = (jobId: string): void => {
    void open()
      .then(({ redrive }) => redrive.run(jobId))
      .catch((error: Error) => note(`job ${jobId}: ${error.message}`));
  };

  const steer: ConsoleApi['steer'] = async ({ jobId, how, agreed }) => {
    const { redrive } = await open();
    const job = await redrive.status(jobId);
    sessions.check(agreed, job.request.from);
    if (how === 'undo') {
      const undoing = await redrive.undo(jobId, 'console');
      for (const each of undoing) work(each.jobId);
      return undoing;
    }
    const steered = await redrive[how](jobId);
    if (how === 'resume') work(jobId);
    return [steered];
  };

  return {
    where: async () => ({
      region: target.region,
      isEngine,
      ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    }),
    overview: () => account.overview(),
    now: async () => ({ now: await now() }),
    atRisk: async (): Promise<AtRisk> => {
      const desk = await failures();
      const [totals, groups, arrivals] = await Promise.all([desk.totals({}), desk.groups({}), desk.arrivals({})]);
      const at = new Date(nowMs).toISOString();
      return { now: at, totals, arrivals, groups: [...groups].sort(bySoonestLost).slice(0, PAGE) };
    },
    failures: async ({ query, after }) => (await failures()).page(query, PAGE, after),
    totals: async ({ query }) => (await failures()).totals(query),
    groups: async ({ query }) => (await failures()).groups(query),
    why: async ({ id }) => (await failures()).why(id),
    messages: ({ arn, after }) => engine.messages(arn, after),
    executions: () => account.executions(),
    history: ({ arn }) => account.history(arn),
    mail: () => engine.mail(),
    clock: () => engine.clock(),
    jobs: async () => {
      const jobs = await (await kept()).redrive.list();
      return [...jobs].sort((a: Job, b: Job) => b.createdAt.localeCompare(a.createdAt));
    },
    job: async ({ jobId }) => {
      const { redrive } = await kept();
      const results: MessageResult[] = [];
      for await (const result of redrive.results(jobId)) {
        if (results.push(result) >= RESULTS_MAX) break;
      }
      return { job: await redrive.status(jobId), results };
    },
    audit: async () => {
      const { entries, head, fault } = readAudit(await audit());
      return {
        entries: entries.length,
        head: head.hash,
        ...(fault === undefined ? {} : { fault: `line ${fault.line} ${fault.what}` }),
      };
    },
    plan: async ({ request }) => (await open()).redrive.plan(request),
    // With the repair in it the request would be of bodies that are repaired already.
    repair: async ({ text, request: { repair: _, ...request } }) => (await open()).repair(text, request),
    rehearse: async ({ request }) => (await open()).rehearse({ request }),
    allow: async () => ({ session: sessions.allow() }),
    forbid: async ({ session }) => {
      sessions.forbid(session);
      return {};
    },
    mark: async ({ fingerprint, as, agreed }) => {
      sessions.check(agreed, fingerprint);
      const desk = await failures();
      if (as === 'resolved') await desk.resolve(fingerprint);
      else if (as === 'unmuted') await desk.unmute(fingerprint);
      else await desk.mute(fingerprint, as);
      return {};
    },
    redrive: async ({ request, agreed }) => {
      sessions.check(agreed, request.from);
      const job = await (await open()).redrive.start(request, 'console');
      work(job.jobId);
      return job;
    },
    steer,
    steerClock: async ({ mode, advance, agreed }) => {
      sessions.check(agreed, 'clock');
      return engine.steerClock({
        ...(mode === undefined ? {} : { mode }),
        ...(advance === undefined ? {} : { advance }),
      });
    },
  };
};
