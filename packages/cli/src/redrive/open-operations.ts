import { randomInt, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { randomFrom } from '@holdfast/kernel';
import { createOperations, FileJobStore, type Operations } from '@holdfast/ledger';
import { engineClock } from '../control.ts';
import type { Target } from '../target.ts';
import { auditPath } from './audit-path.ts';
import { jobTime } from './job-time.ts';

/** Jobs lie beside the audit log that they write. */
export const jobStore = (auditFile: string | undefined): FileJobStore => {
  const file = auditPath(auditFile);
  return new FileJobStore(join(dirname(file), 'jobs'), file);
};

export interface OpenOperations extends Operations {
  readonly isEngine: boolean;
  readonly jobs: FileJobStore;
}

/** Operations on whom the command talks to, with jobs in files of this machine. */
export const openOperations = async (target: Target, auditFile: string | undefined): Promise<OpenOperations> => {
  const isEngine = target.endpoint !== undefined && (await engineClock(target.endpoint)) !== undefined;
  const jobs = jobStore(auditFile);
  const random = randomFrom(
    () => randomInt(2 ** 32),
    () => random,
  );
  const time = await jobTime(target);
  return { ...createOperations({ target, isEngine, jobs, time, random, newId: randomUUID }), isEngine, jobs };
};
