import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second here, whatever its clock. */
const TICK_MS = 10;

/** Where the times of user and system stand among what follows the name of the program, which may hold anything. */
const USER = 11;
const SYSTEM = 12;

/** How long all threads of a process have computed, in milliseconds; 0 where there is no `/proc`. */
export const processCpuMs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_MS;
  } catch {
    // Gone meanwhile, or not Linux.
    return 0;
  }
};
