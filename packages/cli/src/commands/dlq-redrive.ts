import { readFileSync } from 'node:fs';
import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { duration, ratePerSecond, share, wholeNumber } from '../option-values.ts';
import type { RedriveWords } from '../redrive/redrive-queue.ts';
import { resolveTarget } from '../target.ts';
import { type SelectionValues, selectionOf, withSelection } from './selection-options.ts';

const AUDIT = [
  '--audit <file>',
  'the audit log (default: .holdfast/audit/redrive.jsonl; env: HOLDFAST_DATA_DIR)',
] as const;

/** The words that plan and redrive share. */
const withRequest = <Name extends string>(name: Name) =>
  withSelection(withAwsOptions(new Command(name)))
    .argument(
      '<queue>',
      "a queue's name or a part of it, its URL or ARN; a state machine's ARN; s3://bucket/prefix of archived ones",
    )
    .option(
      '--to <destination>',
      'a queue, function, topic, bus, stream or state machine: its ARN, or the name of a queue or function',
    )
    .addOption(
      new Option('--rate <number/s>', 'send so many a second, minute or hour: 50/s, 10/m')
        .default(50, '50/s')
        .argParser(ratePerSecond),
    )
    .option('--ramp <duration>', 'let the rate rise in that time, after the canary', duration)
    .option('--delay-jitter <seconds>', 'delay each message by chance up to so long, 0 to 900', wholeNumber(0, 900))
    .option('--max <number>', 'move so many at most', wholeNumber(1))
    .option('--canary <number>', 'move so many first, then watch what comes back', wholeNumber(1))
    .option(
      '--watch <duration>',
      'how long to watch after the canary and after the last (default: 30s with --canary)',
      duration,
    )
    .addOption(
      new Option('--stop-share <share>', 'stop when a larger share of what was moved comes back')
        .default(0.1, '10%')
        .argParser(share),
    )
    .option('--min-age <duration>', 'only those that lie there that long', duration)
    .option('--repair <file>', 'apply a repair to each body before it is sent')
    .option(...AUDIT);

interface Values extends SelectionValues {
  readonly to?: string | undefined;
  readonly rate: number;
  readonly ramp?: number | undefined;
  readonly delayJitter?: number | undefined;
  readonly max?: number | undefined;
  readonly canary?: number | undefined;
  readonly watch?: number | undefined;
  readonly stopShare: number;
  readonly minAge?: number | undefined;
  readonly repair?: string | undefined;
  readonly audit?: string | undefined;
  readonly json?: true | undefined;
}

const wordsOf = (values: Values, isAgreed: boolean): RedriveWords => ({
  ...(values.to === undefined ? {} : { to: values.to }),
  perSecond: values.rate,
  ...(values.ramp === undefined ? {} : { rampMs: values.ramp }),
  ...(values.delayJitter === undefined ? {} : { delayJitterSeconds: values.delayJitter }),
  ...(values.max === undefined ? {} : { max: values.max }),
  canary: values.canary ?? 0,
  watchMs: values.watch ?? (values.canary === undefined ? 0 : 30_000),
  cameBackShareMax: values.stopShare,
  ...selectionOf(values),
  ...(values.minAge === undefined ? {} : { minAgeSeconds: values.minAge / 1_000 }),
  ...(values.repair === undefined ? {} : { repair: readFileSync(values.repair, 'utf8') }),
  isAgreed,
  auditFile: values.audit,
  asJson: values.json === true,
});

/** Says what a redrive would do. */
export const plan = () =>
  withRequest('plan')
    .summary('what a redrive would do, and what would stay and why')
    .description('Says what a redrive would do: how many go where, what stays and why, rate and cost. Sends nothing.')
    .action(async (queue, values) => {
      const { planQueue } = await import('../redrive/redrive-queue.ts');
      await planQueue(await resolveTarget(values), queue, wordsOf(values, false));
    });

/** Brings messages back to where they came from. */
export const redrive = () =>
  withRequest('redrive')
    .summary('bring messages back to where they came from, or to a place you name')
    .description(
      'Brings messages back: says first what would happen, then sends, confirms and deletes, message by message. It is a job: each step is written to an audit log before the next, so that a command that dies loses nothing. Ctrl-C pauses; pause, resume, cancel and undo work from any terminal.',
    )
    .option('--dry-run', 'only say what would happen')
    .option('--yes', 'do not ask')
    .action(async (queue, values) => {
      const { planQueue, redriveQueue } = await import('../redrive/redrive-queue.ts');
      const words = wordsOf(values, values.yes === true);
      await (values.dryRun === true ? planQueue : redriveQueue)(await resolveTarget(values), queue, words);
    });

/** Runs messages through their handler, where nothing can go wrong. */
export const rehearse = () =>
  withSelection(withAwsOptions(new Command('rehearse')))
    .summary('try what would become of messages if they were brought back')
    .description(
      'Runs messages through the real code of their function in an engine made for that, in virtual time: with what its environment names, empty, and the objects that the events name. Nothing is sent, nothing is deleted.',
    )
    .argument('<queue>', "a queue's name or a part of it, its URL or ARN; s3://bucket/prefix of archived ones")
    .option('--to <destination>', 'a function: its ARN or name; without it where each came from')
    .option('--sample <number>', 'so many messages at most', wholeNumber(1), 20)
    .option('--repair <file>', 'apply a repair to each body first')
    .action(async (queue, values) => {
      const { showRehearsal } = await import('../rehearsal/show-rehearsal.ts');
      const words = {
        sample: values.sample,
        ...selectionOf(values),
        ...(values.to === undefined ? {} : { to: values.to }),
        ...(values.repair === undefined ? {} : { repair: readFileSync(values.repair, 'utf8') }),
      };
      await showRehearsal(await resolveTarget(values), queue, words, values.json === true);
    });

const steered = (name: 'pause' | 'cancel', summary: string, description: string) =>
  new Command(name)
    .summary(summary)
    .description(description)
    .argument('[job]', "the job's id or the beginning of it; without it the youngest one")
    .option(...AUDIT)
    .option('--json', 'print the result as JSON')
    .action(async (job, values) => {
      const { steerJob } = await import('../redrive/steer-job.ts');
      await steerJob(job, name, values.audit, values.json === true);
    });

export const pause = () =>
  steered(
    'pause',
    'pause a redrive job',
    'Pauses a redrive job, whichever process works on it: within two seconds it sends nothing more.',
  );

export const cancel = () =>
  steered(
    'cancel',
    'end a redrive job',
    'Ends a redrive job for good. What it sent stays sent, unless undo takes it back.',
  );

const goesOn = <Name extends string>(name: Name) =>
  withAwsOptions(new Command(name))
    .argument('[job]', "the job's id or the beginning of it; without it the youngest one")
    .option(...AUDIT);

export const resume = () =>
  goesOn('resume')
    .summary('go on with a redrive job')
    .description('Goes on with a job that was paused or stopped, or whose process died.')
    .action(async (job, values) => {
      const { resumeJob } = await import('../redrive/steer-job.ts');
      await resumeJob(await resolveTarget(values), job, values.audit, values.json === true);
    });

export const undo = () =>
  goesOn('undo')
    .summary('take back what a redrive job sent and nobody has processed')
    .description(
      'Takes back what a job sent into queues and nobody has received yet: back into the dead-letter queue, repaired as it was sent. What a function, bus, topic or stream was given cannot be taken back.',
    )
    .action(async (job, values) => {
      const { undoJob } = await import('../redrive/steer-job.ts');
      await undoJob(await resolveTarget(values), job, values.audit, values.json === true);
    });

export const jobs = () =>
  new Command('jobs')
    .summary('list redrive jobs, or what became of each message of one')
    .description('Lists redrive jobs, or what became of each message of one.')
    .argument('[job]', "the job's id or the beginning of it")
    .option(...AUDIT)
    .option('--json', 'print the result as JSON')
    .action(async (job, values) => {
      const { showJobs } = await import('../redrive/steer-job.ts');
      await showJobs(job, values.audit, values.json === true);
    });
