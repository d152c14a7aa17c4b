import { formatDuration } from '@holdfast/kernel';
import type { Job, RedrivePlan } from '@holdfast/ledger';
import { EXIT, type ExitCode } from '../exit-code.ts';

export const planText = (plan: RedrivePlan): string =>
  [
    `from   ${plan.queueArn}: ${plan.waiting} waiting${plan.lookedAt < plan.waiting ? `, ${plan.lookedAt} of them looked at` : ''}`,
    ...(plan.inFlight === 0
      ? []
      : [`wait   ${plan.inFlight} in flight: a consumer has them, or a command that died; they become visible again`]),
    ...plan.destinations.map(({ arn, because, messages }) => `move   ${messages} to ${arn} (${because})`),
    ...plan.skipped.map(({ reason, messages }) => `leave  ${messages}: ${reason}`),
    ...(plan.toMove === 0
      ? ['nothing to move']
      : [
          `rate   ${plan.perSecond}/s, about ${formatDuration(Math.ceil(plan.durationMs))}`,
          `cost   about $${plan.costUsd.toFixed(4)} for ${plan.requests} requests to AWS`,
        ]),
  ].join('\n');

const WAYS_ON: Readonly<Partial<Record<Job['state'], string>>> = {
  paused: 'holdfast dlq resume',
  stopped: 'holdfast dlq resume',
  waiting: 'holdfast dlq resume',
};

export const jobText = (job: Job): string => {
  const { jobId, state, because, moved, skipped, failed, cameBack } = job;
  const wayOn = WAYS_ON[state];
  return [
    `${state}${because === undefined ? '' : `: ${because}`}; moved ${moved}, left ${skipped}, failed ${failed}, came back ${cameBack} (job ${jobId})`,
    ...Object.entries(job.reasons).map(([reason, messages]) => `  ${messages} stayed: ${reason}`),
    ...job.possibleDuplicates.map(
      (id) => `  ${id} may have arrived twice: nobody knows whether one send of it was taken`,
    ),
    ...(wayOn === undefined ? [] : [`  ${wayOn} ${jobId} goes on`]),
  ].join('\n');
};

export const exitCodeOf = ({ state, failed, cameBack, possibleDuplicates }: Job): ExitCode => {
  if (state === 'stopped') return EXIT.stopped;
  return state === 'waiting' || failed > 0 || cameBack > 0 || possibleDuplicates.length > 0 ? EXIT.findings : EXIT.ok;
};
