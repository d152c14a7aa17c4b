import { readAudit } from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { note, print, printJson } from '../output.ts';
import { exitCodeOf, jobText } from './job-text.ts';
import type { OpenOperations } from './open-operations.ts';

const PROGRESS_MS = 2_000;

/** Works on a job until it ends or somebody wants it to, and prints what became of it. */
export const runJob = async (operations: OpenOperations, jobId: string, asJson: boolean): Promise<void> => {
  let toldAt = Date.now();
  if (operations.isSteered) note('the rate counts in virtual time: a redrive moves it on');
  await interruptible(async (signal) => {
    note(`job ${jobId}; "holdfast dlq pause ${jobId}" pauses it, from any terminal here`);
    const job = await operations.redrive.run(jobId, {
      signal,
      progress: ({ moved, planned, failed, cameBack }) => {
        if (Date.now() - toldAt < PROGRESS_MS) return;
        toldAt = Date.now();
        note(`moved ${moved} of ${planned}, failed ${failed}, came back ${cameBack}`);
      },
    });
    if (job.state === 'running') throw new CommandError(`another process works on job ${jobId}`, EXIT.refused);
    process.exitCode = exitCodeOf(job);
    const { head } = readAudit(await operations.jobs.audit());
    note(`each step is in ${operations.jobs.auditFile}; the last has the hash ${head.hash}`);
    if (asJson) printJson(job);
    else print(jobText(job));
  }, `pausing: what is being sent is finished, the queue keeps the rest; "holdfast dlq resume ${jobId}" goes on`);
};
