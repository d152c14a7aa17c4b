import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomFrom } from '@holdfast/kernel';
import {
  createOperations,
  FileGroupMarks,
  FileJobStore,
  type FingerprintRule,
  type Operations,
  type OperationsPorts,
  parseRules,
} from '@holdfast/ledger';
import { engineClock } from '../engine-clock.ts';
import { CommandError, EXIT } from '../exit-code.ts';
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
  /** Whether a job moves the engine's time on. */
  readonly isSteered: boolean;
}

/** The user's own groups, where there are any. */
const readRules = (file: string): readonly FingerprintRule[] => {
  if (!existsSync(file)) return [];
  try {
    return parseRules(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, EXIT.usage, { cause: error });
  }
};

/**
 * Operations on whom the command talks to, with jobs in files of this machine.
 *
 * @param ledger - `now` is the present of the ledger where the operations outlive moves of the clock
 */
export const openOperations = async (
  target: Target,
  auditFile: string | undefined,
  ledger: Pick<OperationsPorts, 'now' | 'looks'> = {},
): Promise<OpenOperations> => {
  const isEngine = target.endpoint !== undefined && (await engineClock(target.endpoint)) !== undefined;
  const jobs = jobStore(auditFile);
  const random = randomFrom(
    () => randomInt(2 ** 32),
    () => random,
  );
  const time = await jobTime(target);
  const beside = dirname(dirname(jobs.auditFile));
  const marks = new FileGroupMarks(join(beside, 'ledger', 'groups.json'));
  const rules = readRules(join(beside, 'ledger', 'rules.json'));
  const operations = createOperations({
    target,
    isEngine,
    jobs,
    marks,
    rules,
    time,
    ...ledger,
    random,
    newId: randomUUID,
    rehearse: async (request) => {
      const { rehearse } = await import('../rehearsal/rehearse.ts');
      return rehearse({ target, isEngine, rules }, request);
    },
  });
  return { ...operations, isEngine, jobs, isSteered: time.isSteered };
};
