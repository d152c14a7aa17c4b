import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Memory in use now. */
  readonly residentMb: number;
  /** The most that has been in use. */
  readonly peakMb: number;
}

/** Descendants looked at; more than a function has any use for. */
const PROCESSES_MAX = 64;

const fieldMb = (status: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;

/**
 * Memory of a process and its descendants as Linux tells it, pages that they share counted for each of them.
 * Zeros where there is no `/proc`: memory is then neither limited nor reported.
 */
export const processMemory = (pid: number): ProcessMemory => {
  let residentMb = 0;
  let peakMb = 0;
  const pids = [pid];
  for (let index = 0; index < pids.length && index < PROCESSES_MAX; index += 1) {
    const current = pids[index] as number;
    try {
      const status = readFileSync(`/proc/${current}/status`, 'utf8');
      residentMb += fieldMb(status, 'VmRSS');
      peakMb += fieldMb(status, 'VmHWM');
      const children = readFileSync(`/proc/${current}/task/${current}/children`, 'utf8').trim();
      if (children !== '') pids.push(...children.split(' ').map(Number));
    } catch {
      // Gone meanwhile, or not Linux.
    }
  }
  return { residentMb, peakMb };
};
