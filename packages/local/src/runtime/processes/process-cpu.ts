import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second here, whatever its clock. */
const TICK_MS = 10;

/**
 * Where the times of user and system stand among what follows the name of the program, which may hold anything: its own,
 * and those of its children that have ended.
 */
const TIMES = [11, 12, 13, 14] as const;

/** Those that it has started and that still run. */
const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
  );

/** How long a process and all that it has started have computed, in milliseconds; 0 where there is no `/proc`. */
export const processCpuMs = (pid: number): number => {
  let own = 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    own = TIMES.reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS;
    return childrenOf(pid).reduce((sum, child) => sum + processCpuMs(child), own);
  } catch {
    // Gone meanwhile, not Linux, or a Linux that does not tell who started whom.
    return own;
  }
};
