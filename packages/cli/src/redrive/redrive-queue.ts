import { userInfo } from 'node:os';
import { InvalidInputError } from '@holdfast/kernel';
import type { RedrivePlan, RedriveRequest } from '@holdfast/ledger';
import { ask } from '../ask.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { note, print, printJson } from '../output.ts';
import type { Target } from '../target.ts';
import { findDestination } from './find-destination.ts';
import { findSource } from './find-source.ts';
import { planText } from './job-text.ts';
import { type OpenOperations, openOperations } from './open-operations.ts';
import { runJob } from './run-job.ts';

/** What the command line says of a redrive; names are not ARNs yet. */
export interface RedriveWords extends Omit<RedriveRequest, 'from'> {
  readonly isAgreed: boolean;
  readonly auditFile: string | undefined;
  readonly asJson: boolean;
}

/** More than that is a large action. */
const UNASKED_MAX = 1_000;

/** Asks before anything large, elsewhere than back, or on AWS itself. */
const confirm = async (plan: RedrivePlan, { isAgreed, to }: RedriveWords, isEngine: boolean): Promise<void> => {
  const isLarge = plan.waiting > UNASKED_MAX && plan.toMove > UNASKED_MAX;
  if (isAgreed || (isEngine && to === undefined && !isLarge)) return;
  const places = plan.destinations.map(({ arn }) => arn).join(', ');
  await ask(`Move ${plan.toMove} messages of ${plan.queueArn} to ${places}?`);
};

const requestOf = async (target: Target, named: string, words: RedriveWords): Promise<RedriveRequest> => {
  const { isAgreed: _, auditFile: _file, asJson: _json, ...same } = words;
  return {
    ...same,
    from: await findSource(target, named),
    ...(words.to === undefined ? {} : { to: await findDestination(target, words.to) }),
  };
};

const planOf = async (operations: OpenOperations, request: RedriveRequest): Promise<RedrivePlan> => {
  if (!operations.isEngine) note('to plan, up to 100 messages are received once and made visible again');
  try {
    return await operations.redrive.plan(request);
  } catch (error) {
    if (error instanceof InvalidInputError) throw new CommandError(error.message, EXIT.usage, { cause: error });
    throw error;
  }
};

/** Says what a redrive would do; sends nothing. */
export const planQueue = async (target: Target, named: string, words: RedriveWords): Promise<void> => {
  const plan = await planOf(await openOperations(target, words.auditFile), await requestOf(target, named, words));
  if (words.asJson) printJson(plan);
  else print(planText(plan));
};

/** Redrives a queue: plan, question, job, result. */
export const redriveQueue = async (target: Target, named: string, words: RedriveWords): Promise<void> => {
  const request = await requestOf(target, named, words);
  const operations = await openOperations(target, words.auditFile);
  const plan = await planOf(operations, request);
  note(planText(plan));
  if (plan.toMove > 0) await confirm(plan, words, operations.isEngine);
  const { jobId } = await operations.redrive.start(request, userInfo().username);
  await runJob(operations, jobId, words.asJson);
};
