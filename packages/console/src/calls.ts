import type { Job, MessageResult, Operations, Target } from '@holdfast/ledger';
import { Account } from './account.ts';
import type { AtRisk, ConsoleApi } from './api.ts';
import { EngineControl } from './engine-control.ts';
import { Sessions } from './sessions.ts';

/** What the console works with. */
export interface ConsolePorts {
  readonly target: Target;
  /** Whether a Holdfast engine answers at the target's endpoint. */
  readonly isEngine: boolean;
  /** Operations with the present time of whom they talk to. */
  readonly open: () => Promise<Operations>;
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
export const consoleCalls = ({ target, isEngine, open, newId, note }: ConsolePorts): ConsoleApi => {
  const account = new Account(target);
  const engine = new EngineControl(isEngine ? target.endpoint : undefined);
  const sessions = new Sessions(newId);
  const now = async (): Promise<string> => (isEngine ? (await engine.clock()).now : new Date().toISOString());
  let opened: { readonly operations: Promise<Operations>; readonly key: string } | undefined;

  /** Where time is steered, operations opened earlier would think in the time of then. */
  const operations = async (): Promise<Operations> => {
    const clock = isEngine ? await engine.clock() : undefined;
    const aheadSeconds = clock === undefined ? 0 : Math.round((Date.parse(clock.now) - Date.now()) / 5_000);
    const key = clock?.mode === 'virtual' ? `virtual ${clock.now}` : `live ${aheadSeconds}`;
    if (opened?.key !== key) opened = { operations: open(), key };
    return opened.operations;
  };

  /** Works on a job by itself; who wants to know asks for the job. */
  const work = (jobId: string): void => {
    void open()
      .then(({ redrive }) => redrive.run(jobId))
      .catch((error: Error) => note(`job ${jobId}: ${error.message}`));
  };

  const steer: ConsoleApi['steer'] = async ({ jobId, how, agreed }) => {
    const { redrive } = await operations();
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
    atRisk: async (): Promise<AtRisk> => {
      const { failures } = await operations();
      const [totals, groups, at] = await Promise.all([failures.totals({}), failures.groups({}), now()]);
      return { now: at, totals, groups: [...groups].sort(bySoonestLost).slice(0, PAGE) };
    },
    failures: async ({ query, after }) => (await operations()).failures.page(query, PAGE, after),
    totals: async ({ query }) => (await operations()).failures.totals(query),
    groups: async ({ query }) => (await operations()).failures.groups(query),
    why: async ({ id }) => (await operations()).failures.why(id),
    messages: ({ arn, after }) => engine.messages(arn, after),
    executions: () => account.executions(),
    history: ({ arn }) => account.history(arn),
    mail: () => engine.mail(),
    clock: () => engine.clock(),
    jobs: async () => {
      const jobs = await (await operations()).redrive.list();
      return [...jobs].sort((a: Job, b: Job) => b.createdAt.localeCompare(a.createdAt));
    },
    job: async ({ jobId }) => {
      const { redrive } = await operations();
      const results: MessageResult[] = [];
      for await (const result of redrive.results(jobId)) {
        if (results.push(result) >= RESULTS_MAX) break;
      }
      return { job: await redrive.status(jobId), results };
    },
    plan: async ({ request }) => (await operations()).redrive.plan(request),
    // With the repair in it the request would be of bodies that are repaired already.
    repair: async ({ text, request: { repair: _, ...request } }) => (await operations()).repair(text, request),
    rehearse: async ({ request }) => (await operations()).rehearse({ request }),
    allow: async () => ({ session: sessions.allow() }),
    forbid: async ({ session }) => {
      sessions.forbid(session);
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
