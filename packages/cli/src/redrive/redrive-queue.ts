import { randomInt, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Message } from '@aws-sdk/client-sqs';
import { formatDuration, randomFrom } from '@holdfast/kernel';
import {
  AuditFile,
  AwsSender,
  all,
  byField,
  byPath,
  findFillers,
  planRedrive,
  type RedriveOptions,
  type RedrivePlan,
  type RedriveResult,
  redrive,
  type Selection,
  type SqsQueue,
} from '@holdfast/ledger';
import { ask } from '../ask.ts';
import { CommandError, EXIT, type ExitCode } from '../exit-code.ts';
import { queueNameOf } from '../failure-queues/find-queues.ts';
import { openQueue } from '../failure-queues/open-queue.ts';
import { RedriveReasons } from '../failure-queues/redrive-reason.ts';
import { interruptible } from '../interruption.ts';
import { note, print, printJson } from '../output.ts';
import type { Target } from '../target.ts';
import { auditPath } from './audit-path.ts';
import { findDestination } from './find-destination.ts';
import { jobTime } from './job-time.ts';

export interface RedriveRequest {
  readonly to: string | undefined;
  readonly perSecond: number;
  readonly max: number | undefined;
  readonly canary: number;
  readonly watchMs: number;
  readonly cameBackShareMax: number;
  readonly filters: readonly string[];
  readonly wheres: readonly string[];
  readonly isDryRun: boolean;
  readonly isAgreed: boolean;
  readonly auditFile: string | undefined;
  readonly asJson: boolean;
}

/** An engine shows all there are; on AWS each look is a receive, and a plan is made of a sample. */
const LOOK_MAX_ENGINE = 100_000;
const LOOK_MAX_AWS = 100;

/** More than that is a large action. */
const UNASKED_MAX = 1_000;

const CONCURRENCY = 32;
const PROGRESS_MS = 2_000;

const selectionOf = ({ filters, wheres }: RedriveRequest): Selection => {
  try {
    return all([...filters.map(byField), ...wheres.map(byPath)]);
  } catch (error) {
    throw new CommandError((error as Error).message, EXIT.usage);
  }
};

const planText = (plan: RedrivePlan): string =>
  [
    `from   ${plan.queueArn}: ${plan.waiting} waiting${plan.lookedAt < plan.waiting ? `, ${plan.lookedAt} of them looked at` : ''}`,
    ...(plan.inFlight === 0
      ? []
      : [`wait   ${plan.inFlight} in flight: a consumer has them, or a command that died; they become visible again`]),
    ...plan.destinations.map(({ arn, because, messages }) => `move   ${messages} to ${arn} (${because})`),
    ...plan.skipped.map(({ reason, messages }) => `leave  ${messages}: ${reason}`),
    ...(plan.toMove === 0
      ? ['nothing to move']
      : [`rate   ${plan.perSecond}/s, about ${formatDuration(Math.ceil(plan.durationMs))}`]),
  ].join('\n');

const resultText = ({ jobId, moved, skipped, failed, cameBack, state, because, ...named }: RedriveResult): string =>
  [
    `${state}${because === undefined ? '' : `: ${because}`}; moved ${moved}, left ${skipped}, failed ${failed}, came back ${cameBack} (job ${jobId})`,
    ...Object.entries(named.reasons).map(([reason, messages]) => `  ${messages} stayed: ${reason}`),
    ...named.alreadySent.map((id) => `  ${id} had been sent by an earlier job, and was only deleted`),
    ...named.possibleDuplicates.map(
      (id) => `  ${id} may have arrived twice: nobody knows whether one send of it was taken`,
    ),
  ].join('\n');

const exitCodeOf = ({ state, failed, cameBack, possibleDuplicates }: RedriveResult): ExitCode => {
  if (state === 'stopped') return EXIT.stopped;
  return failed > 0 || cameBack > 0 || possibleDuplicates.length > 0 ? EXIT.findings : EXIT.ok;
};

/** Asks before anything large, elsewhere than back, or on AWS itself. */
const confirm = async (plan: RedrivePlan, { isAgreed, to }: RedriveRequest, isEngine: boolean): Promise<void> => {
  const isLarge = plan.waiting > UNASKED_MAX && plan.toMove > UNASKED_MAX;
  if (isAgreed || (isEngine && to === undefined && !isLarge)) return;
  const places = plan.destinations.map(({ arn }) => arn).join(', ');
  await ask(`Move ${plan.toMove} messages of ${plan.queueArn} to ${places}?`);
};

/** Redrives a queue: plan, question, job, result. */
export const redriveQueue = async (target: Target, named: string, request: RedriveRequest): Promise<void> => {
  const selection = selectionOf(request);
  const to = request.to === undefined ? undefined : await findDestination(target, request.to);
  const queue = await openQueue(target, named);
  const { isEngine } = queue;
  const { fillers, unasked } = to === undefined ? await findFillers(target) : { fillers: [], unasked: [] };
  for (const service of unasked) note(`holdfast: could not ask ${service}; what it fills is not known`);
  const reasons = new RedriveReasons(target);
  const options: RedriveOptions = {
    ...request,
    jobId: randomUUID(),
    fillers: fillers.filter(({ queueArn }) => queueArn === queue.arn),
    to,
    selection,
    max: request.max ?? Number.MAX_SAFE_INTEGER,
    // What is ordered by groups is sent one after the other.
    concurrency: queue.arn.endsWith('.fifo') ? 1 : CONCURRENCY,
    errorOf: async ({ MessageId = '', Attributes }: Message) =>
      Attributes?.DeadLetterQueueSourceArn === undefined
        ? ''
        : reasons.of(MessageId, Attributes.DeadLetterQueueSourceArn),
  };
  if (!isEngine) note(`to plan, up to ${LOOK_MAX_AWS} messages are received once and made visible again`);
  const seen = await queue.look(isEngine ? LOOK_MAX_ENGINE : LOOK_MAX_AWS);
  const plan = await planRedrive(queue, seen, options);
  if (request.isDryRun) {
    if (request.asJson) printJson(plan);
    else print(planText(plan));
    return;
  }
  note(planText(plan));
  if (plan.toMove > 0) await confirm(plan, request, isEngine);
  const result = await runJob(target, queue, options, plan, request.auditFile);
  if (result === undefined) return;
  if (request.asJson) printJson(result);
  else print(resultText(result));
};

const runJob = async (
  target: Target,
  queue: SqsQueue,
  options: RedriveOptions,
  plan: RedrivePlan,
  auditFile: string | undefined,
): Promise<RedriveResult | undefined> => {
  const time = await jobTime(target);
  const file = auditPath(auditFile);
  const journal = new AuditFile(file, new Date(time.now()).toISOString());
  const random = randomFrom(
    () => randomInt(2 ** 32),
    () => random,
  );
  let toldAt = Date.now();
  let result: RedriveResult | undefined;
  const progress = ({ moved, failed, cameBack }: RedriveResult): void => {
    if (Date.now() - toldAt < PROGRESS_MS) return;
    toldAt = Date.now();
    note(`moved ${moved} of ${plan.toMove}, failed ${failed}, came back ${cameBack}`);
  };
  try {
    const { username } = userInfo();
    journal.append({
      step: 'planned',
      at: new Date(time.now()).toISOString(),
      jobId: options.jobId,
      queue: queue.arn,
      by: username,
      whom: target.endpoint ?? `AWS ${target.region}`,
      toMove: plan.toMove,
      destinations: plan.destinations,
    });
    await interruptible(
      async (signal) => {
        result = await redrive(
          options,
          { queue, sender: new AwsSender(target), journal, time, random, progress },
          signal,
        );
        process.exitCode = exitCodeOf(result);
      },
      `pausing: what is being sent is finished, ${queueNameOf(queue.arn)} keeps the rest; the same command goes on`,
    );
  } finally {
    journal.close();
  }
  note(`each step is in ${file}; the last has the hash ${journal.head.hash}`);
  return result;
};
